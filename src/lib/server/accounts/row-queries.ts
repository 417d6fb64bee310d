import { sql, type Transaction } from 'kysely';
import type { Db } from '#lib/server/db/connect.ts';
import type { Database } from '#lib/server/db/schema.ts';

const PAGE = 50;

/** Tracks that are left of an artist, hidden or not. */
export async function findTracks(db: Db, did: string) {
	return await db
		.selectFrom('tracks')
		.select(['id', 'rkey', 'record_uri'])
		.where('artist_did', '=', did)
		.orderBy('id')
		.limit(PAGE)
		.execute();
}

export async function findAlbums(db: Db, did: string) {
	return await db
		.selectFrom('albums')
		.select(['id', 'rkey', 'image_id'])
		.where('artist_did', '=', did)
		.orderBy('id')
		.limit(PAGE)
		.execute();
}

export async function findLikes(db: Db, did: string) {
	return await db
		.selectFrom('likes')
		.select(['id', 'did', 'record_uri', 'record_rev', 'track_id'])
		.where('did', '=', did)
		.orderBy('id')
		.limit(PAGE)
		.execute();
}

/** Further records of the same likes: none is to take the place of one that goes. */
export async function deleteLikeDuplicates(trx: Transaction<Database>, did: string): Promise<void> {
	await trx.deleteFrom('like_duplicates').where('did', '=', did).execute();
}

export async function findUploadIds(db: Db, did: string): Promise<string[]> {
	const rows = await db
		.selectFrom('uploads')
		.select('id')
		.where('artist_did', '=', did)
		.where('status', '!=', 'completed')
		.orderBy('id')
		.execute();
	return rows.map(({ id }) => id);
}

/** What ended long ago, and what nothing is left of. */
export async function deleteUploadsAndReleases(db: Db, did: string): Promise<void> {
	await db.deleteFrom('uploads').where('artist_did', '=', did).execute();
	await db.deleteFrom('releases').where('artist_did', '=', did).execute();
}

/** Pictures somebody has as an artist or for those who see what they like. */
export async function findAvatars(db: Db, did: string): Promise<string[]> {
	const { rows } = await sql<{ id: string }>`
		select avatar_image_id as id from artists where did = ${did} and avatar_image_id is not null
		union select avatar_image_id from people where did = ${did} and avatar_image_id is not null
	`.execute(db);
	return rows.map(({ id }) => id);
}

/** Every table with rows of a person that nothing else takes along, and the column that says whose. */
const OWN_ROWS = [
	['like_writes', 'did'],
	['queues', 'did'],
	['preferences', 'did'],
	['exchange_tokens', 'did'],
	['track_problems', 'artist_did'],
	['catalogue_checks', 'artist_did'],
	['rights_statements', 'artist_did'],
	['people', 'did'],
	['artist_numbers', 'did'],
	// the last one: others refer to it
	['artists', 'did']
] as const;

export async function deleteOwnRows(trx: Transaction<Database>, did: string): Promise<void> {
	for (const [table, column] of OWN_ROWS) {
		await sql`delete from ${sql.table(table)} where ${sql.ref(column)} = ${did}`.execute(trx);
	}
	// windows of limits are named by what is limited and whose part it is
	await sql`delete from rate_windows where right(key, ${did.length + 1}) = ${`:${did}`}`.execute(
		trx
	);
}
