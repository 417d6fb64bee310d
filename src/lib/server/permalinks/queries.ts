import type { Db } from '#lib/server/db/connect.ts';

/** The track of a record; `isRemoved`: a job takes it away. */
export async function findTrackOfRecord(db: Db, uri: string) {
	const row = await db
		.selectFrom('tracks')
		.select(['id', 'visibility'])
		.where('record_uri', '=', uri)
		.executeTakeFirst();
	return row && { id: row.id, isRemoved: row.visibility === 'deleting' };
}

/** The album of a record, and whose it is. */
export async function findAlbumOfRecord(db: Db, uri: string) {
	const row = await db
		.selectFrom('albums')
		.innerJoin('artists', 'artists.did', 'albums.artist_did')
		.select(['albums.slug', 'albums.deletion', 'artists.did', 'artists.handle'])
		.where('record_uri', '=', uri)
		.executeTakeFirst();
	return row && { ...row, isRemoved: row.deletion !== null };
}

export async function isTombstone(db: Db, uri: string): Promise<boolean> {
	const row = await db
		.selectFrom('record_tombstones')
		.select('record_uri')
		.where('record_uri', '=', uri)
		.executeTakeFirst();
	return row !== undefined;
}

/** The track that a like record is about. */
export async function findTrackOfLike(db: Db, uri: string): Promise<number | undefined> {
	const like = await db
		.selectFrom('likes')
		.select('track_id')
		.where('record_uri', '=', uri)
		.executeTakeFirst();
	return like?.track_id;
}
