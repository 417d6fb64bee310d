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

/** One without a record waits for nothing. */
const isSettled = sql<boolean>`(albums.rkey is null or sync_wanted <= sync_done)`;

/** Albums that have a cover, with where its bytes ought to be. */
const selectCovers = (db: Db) =>
	db
		.selectFrom('albums')
		.innerJoin('images', 'images.image_id', 'albums.image_id')
		.select(['albums.id', 'albums.record_uri', 'albums.image_id', 'albums.rkey'])
		.select(['images.renditions', isSettled.as('is_settled')])
		.where('albums.deletion', 'is', null);

export type CoverFacts = Awaited<ReturnType<ReturnType<typeof selectCovers>['execute']>>[number];

export async function findCover(db: Db, albumId: string): Promise<CoverFacts | undefined> {
	return await selectCovers(db).where('albums.id', '=', albumId).executeTakeFirst();
}

/** The covers of an artist's albums, a page at a time; albums being changed are left alone. */
export async function pageOfCovers(
	db: Db,
	did: string,
	afterId: string | undefined,
	limit: number
): Promise<CoverFacts[]> {
	return await selectCovers(db)
		.where('albums.artist_did', '=', did)
		.where(isSettled)
		.$if(afterId !== undefined, (query) => query.where('albums.id', '>', String(afterId)))
		.orderBy('albums.id')
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
