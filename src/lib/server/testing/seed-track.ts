import type { Insertable } from 'kysely';
import type { Db } from '#lib/server/db/connect.ts';
import type { TrackTable } from '#lib/server/db/schema.ts';
import { seedAudioFile } from './seeds.ts';

/** An indexed track of an artist's, with a file nobody will read. @returns its id */
export async function seedTrack(
	db: Db,
	artistDid: string,
	title: string,
	more: Partial<Insertable<TrackTable>> & { tags?: string[] } = {}
): Promise<number> {
	const { tags = [], ...values } = more;
	const fileId = await seedAudioFile(db, `${artistDid} ${title}`);
	const rkey = title.replace(/\W+/g, '-');
	const { id } = await db
		.insertInto('tracks')
		.values({
			artist_did: artistDid,
			rkey,
			record_uri: `at://${artistDid}/fm.plyr.track/${rkey}`,
			record_cid: `cid of ${rkey}`,
			title,
			features: '[]',
			file_id: fileId,
			original_file_id: fileId,
			created_at: new Date(),
			...values
		})
		.returning('id')
		.executeTakeFirstOrThrow();
	if (tags.length > 0) {
		await db
			.insertInto('track_tags')
			.values(tags.map((tag) => ({ track_id: id, tag })))
			.execute();
	}
	return id;
}
