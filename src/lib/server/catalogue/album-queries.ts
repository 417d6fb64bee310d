import { sql } from 'kysely';
import type { Db } from '#lib/server/db/connect.ts';

/** What the index says about albums that have a record, with what is on them. */
const selectAlbums = (db: Db, did: string) =>
	db
		.selectFrom('albums')
		.select([
			'id',
			'title',
			'description',
			'year',
			'image_id',
			'rkey',
			'record_uri',
			'record_cid',
			sql<boolean>`sync_wanted > sync_done or deletion is not null`.as('is_changing'),
			sql<string[]>`array(select subject_uri from album_items
				where album_id = albums.id order by position)`.as('uris')
		])
		.where('artist_did', '=', did)
		.where('record_uri', 'is not', null);

export async function findAlbumsByUri(db: Db, did: string, uris: readonly string[]) {
	if (uris.length === 0) return new Map<string, never>();
	const rows = await selectAlbums(db, did).where('record_uri', 'in', uris).execute();
	return new Map(rows.map((row) => [row.record_uri ?? '', row]));
}

export type AlbumFacts = Awaited<ReturnType<ReturnType<typeof selectAlbums>['execute']>>[number];

/** An artist's albums, a page at a time. */
export async function pageOfAlbums(
	db: Db,
	did: string,
	afterId: string | undefined,
	limit: number
): Promise<AlbumFacts[]> {
	return await selectAlbums(db, did)
		.$if(afterId !== undefined, (query) => query.where('id', '>', String(afterId)))
		.orderBy('id')
		.limit(limit)
		.execute();
}

/** Of some track records, those that are indexed. */
export async function findIndexed(db: Db, uris: readonly string[]): Promise<Set<string>> {
	if (uris.length === 0) return new Set();
	const rows = await db
		.selectFrom('tracks')
		.select('record_uri')
		.where('record_uri', 'in', uris)
		.execute();
	return new Set(rows.map((row) => row.record_uri));
}
