import { createHash } from 'node:crypto';
import type { Db } from '#lib/server/db/connect.ts';

/** An artist with a profile; the handle is the did's last part under .test. */
export async function seedArtist(db: Db, did: string, displayName = 'An Artist'): Promise<void> {
	const handle = `${did.split(':').at(-1)}.test`;
	await db
		.insertInto('artists')
		.values({ did, handle, display_name: displayName })
		.onConflict((conflict) => conflict.doNothing())
		.execute();
}

/** A stored audio file of some content that nobody will read. @returns its file id */
export async function seedAudioFile(
	db: Db,
	content: string,
	fileType = 'mp3',
	durationMs: number | null = 180_000
): Promise<string> {
	const sha256 = createHash('sha256').update(content).digest('hex');
	const fileId = sha256.slice(0, 16);
	await db
		.insertInto('audio_files')
		.values({
			file_id: fileId,
			sha256,
			storage_key: `audio/${fileId}.${fileType}`,
			file_type: fileType,
			content_type: 'audio/mpeg',
			size_bytes: content.length,
			duration_ms: durationMs
		})
		.onConflict((conflict) => conflict.doNothing())
		.execute();
	return fileId;
}

/** A picture nobody will look at. @returns its image id */
export async function seedImage(db: Db, content: string): Promise<string> {
	const sha256 = createHash('sha256').update(content).digest('hex');
	const imageId = sha256.slice(0, 16);
	const renditions = { 320: `images/${imageId}-320.webp`, 1200: `images/${imageId}-1200.webp` };
	await db
		.insertInto('images')
		.values({
			image_id: imageId,
			sha256,
			renditions: JSON.stringify(renditions),
			width_px: 1200,
			height_px: 1200
		})
		.onConflict((conflict) => conflict.doNothing())
		.execute();
	return imageId;
}
