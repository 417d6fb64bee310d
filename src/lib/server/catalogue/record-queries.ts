import type { Db } from '#lib/server/db/connect.ts';

/** Whether a record is that of an upload that goes on by itself. */
export async function isBeingPublished(db: Db, did: string, rkey: string): Promise<boolean> {
	const upload = await db
		.selectFrom('uploads')
		.select('id')
		.where('artist_did', '=', did)
		.where('rkey', '=', rkey)
		.where('status', 'in', ['receiving', 'pending', 'processing', 'waiting'])
		.executeTakeFirst();
	return upload !== undefined;
}

/** A track that is there or that a job takes away. */
export async function isTrack(db: Db, uri: string): Promise<boolean> {
	const track = await db
		.selectFrom('tracks')
		.select('id')
		.where('record_uri', '=', uri)
		.executeTakeFirst();
	return track !== undefined;
}

/** What a deletion that is remembered of a record says. */
export async function findTombstone(db: Db, uri: string) {
	return await db
		.selectFrom('record_tombstones')
		.select('rev')
		.where('record_uri', '=', uri)
		.executeTakeFirst();
}

export async function isAudioFile(db: Db, fileId: string): Promise<boolean> {
	const file = await db
		.selectFrom('audio_files')
		.select('file_id')
		.where('file_id', '=', fileId)
		.executeTakeFirst();
	return file !== undefined;
}

/** Whether another track of an artist's was made of a file. */
export async function isOriginalOfOther(
	db: Db,
	did: string,
	fileId: string,
	trackId: number | null
): Promise<boolean> {
	const other = await db
		.selectFrom('tracks')
		.select('id')
		.where('artist_did', '=', did)
		.where('original_file_id', '=', fileId)
		.$if(trackId !== null, (query) => query.where('id', '!=', Number(trackId)))
		.executeTakeFirst();
	return other !== undefined;
}
