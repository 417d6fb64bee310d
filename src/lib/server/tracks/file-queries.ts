import { sql } from 'kysely';
import type { Db } from '#lib/server/db/connect.ts';

/** Every file a track refers to, now and earlier, and the smaller ones that were made of them. */
export async function findFilesOf(
	db: Db,
	recordUri: string
): Promise<{ audio: string[]; imageId: string | null }> {
	const track = await db
		.selectFrom('tracks')
		.select(['id', 'file_id', 'original_file_id', 'image_id'])
		.where('record_uri', '=', recordUri)
		.executeTakeFirst();
	if (!track) return { audio: [], imageId: null };
	const earlier = await db
		.selectFrom('track_revisions')
		.select(['file_id', 'original_file_id'])
		.where('track_id', '=', track.id)
		.execute();
	const audio = [track, ...earlier].flatMap((one) => [one.file_id, one.original_file_id]);
	const smaller = await db
		.selectFrom('smaller_files')
		.select('file_id')
		.where('of_file_id', 'in', audio)
		.where('file_id', 'is not', null)
		.$narrowType<{ file_id: string }>()
		.execute();
	const all = [...audio, ...smaller.map(({ file_id: id }) => id)];
	// in one order, so that two deletions do not wait for each other
	return { audio: [...new Set(all)].sort(), imageId: track.image_id };
}

/** A file that may be listened to: one that a track streams, or the smaller one of it. Originals are the artist's own. */
export async function findStreamedFile(db: Db, fileId: string) {
	return await streamedFile(db, fileId)
		.select(['storage_key', 'content_type', 'size_bytes', 'sha256', 'created_at'])
		.executeTakeFirst();
}

/** How loud a file that may be listened to is from part to part: 1,800 bytes, null when unknown. */
export async function findPeaks(db: Db, fileId: string): Promise<Buffer | null> {
	const row = await streamedFile(db, fileId).select('peaks').executeTakeFirst();
	return row?.peaks ?? null;
}

/** It is streamed itself, or was made of one that is. */
const streamedFile = (db: Db, fileId: string) =>
	db
		.selectFrom('audio_files')
		.where('file_id', '=', fileId)
		.where((eb) =>
			eb.exists(
				eb
					.selectFrom('tracks')
					.select(sql`1`.as('one'))
					.where(
						'tracks.file_id',
						'in',
						sql<string>`(
						select ${fileId} union all
						select of_file_id from smaller_files where file_id = ${fileId})`
					)
					.where('tracks.visibility', 'in', ['public', 'unlisted'])
			)
		);
