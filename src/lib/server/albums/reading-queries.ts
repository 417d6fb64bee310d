import { type RawBuilder, type SelectQueryBuilder, sql } from 'kysely';
import { builtOnce } from '#lib/server/db/built-once.ts';
import type { Db } from '#lib/server/db/connect.ts';
import type { TitlePage } from './title-page.ts';

/** An album with everything that is shown beside it, in one row. Tracks are counted as this viewer sees them. */
function selectAlbums(db: Db, forArtist: boolean) {
	const visible = forArtist ? ['public', 'unlisted'] : ['public'];
	return db
		.selectFrom('albums')
		.innerJoin('artists as artist', 'artist.did', 'albums.artist_did')
		.leftJoin('images as image', 'image.image_id', 'albums.image_id')
		.innerJoinLateral(
			(eb) =>
				eb
					.selectFrom('tracks')
					.whereRef('tracks.album_id', '=', 'albums.id')
					.where(sql<string>`tracks.visibility`, 'in', visible)
					.select([
						sql<number>`count(*)::int`.as('track_count'),
						sql<number>`coalesce(sum(play_count), 0)::bigint`.as('total_plays'),
						sql<number>`coalesce(sum(duration_ms), 0)::bigint`.as('duration_ms')
					])
					.as('counted'),
			(join) => join.onTrue()
		)
		.where('albums.deletion', 'is', null)
		.select([
			'albums.id',
			'albums.artist_did',
			'albums.slug',
			'albums.title',
			'albums.description',
			'albums.year',
			'albums.image_id',
			'albums.rkey',
			'albums.record_uri',
			'albums.sync_wanted',
			'albums.sync_done',
			'albums.waiting_code',
			'albums.kept_change',
			'artist.handle as artist_handle',
			'artist.display_name as artist_name',
			'artist.avatar_image_id',
			'image.placeholder as image_placeholder',
			'image.dominant_color as image_color',
			'albums.updated_at',
			'counted.track_count',
			'counted.total_plays',
			'counted.duration_ms'
		]);
}

type AlbumSelect = ReturnType<typeof selectAlbums>;
export type ShownAlbumRow =
	AlbumSelect extends SelectQueryBuilder<infer _DB, infer _TB, infer Row> ? Row : never;

/** How many albums a list has at most. */
const LISTED = 1000;

/**
 * Albums that have something to hear by title, everybody's or one artist's: one more than the page has.
 * The query itself, so that a test can ask the database how it would be carried out.
 */
export const albumsByTitle = (db: Db, page: TitlePage, did?: string) =>
	selectAlbums(db, false)
		.select(sql<string>`lower(albums.title)`.as('sort_title'))
		.where('counted.track_count', '>', 0)
		.where(page.condition)
		.$if(did !== undefined, (query) => query.where('albums.artist_did', '=', did ?? ''))
		.orderBy(sql`lower(albums.title)`)
		.orderBy('albums.id')
		.limit(page.limit + 1);

/** Those of some albums that have something to hear, in no order; the query itself. */
export const publicAlbumsById = (db: Db, ids: readonly string[] | RawBuilder<string[]>) =>
	selectAlbums(db, false)
		.where(sql<boolean>`albums.id = any(${ids}::uuid[])`)
		.where('counted.track_count', '>', 0);

/** One artist's albums, by title; for the artist also those without tracks. */
export async function findAlbumsOf(
	db: Db,
	did: string,
	forArtist: boolean
): Promise<ShownAlbumRow[]> {
	return await (forArtist ? readAlbumsForArtist : readAlbumsForAll)(db, did);
}

const readAlbumsForAll = builtOnce((db: Db, did: string) => albumsOf(db, did, false));
const readAlbumsForArtist = builtOnce((db: Db, did: string) => albumsOf(db, did, true));

/** The query itself, so that a test can ask the database how it would be carried out. */
export const albumsOf = (db: Db, did: string, forArtist: boolean) =>
	selectAlbums(db, forArtist)
		.where('albums.artist_did', '=', did)
		.$if(!forArtist, (query) => query.where('counted.track_count', '>', 0))
		.orderBy(sql`lower(albums.title)`)
		.orderBy('albums.id')
		.limit(LISTED);

/** The query itself, as above. */
export const albumAt = (db: Db, did: string, slug: string, forArtist: boolean) =>
	selectAlbums(db, forArtist).where('albums.artist_did', '=', did).where('albums.slug', '=', slug);

export async function findAlbumAt(
	db: Db,
	did: string,
	slug: string,
	forArtist: boolean
): Promise<ShownAlbumRow | undefined> {
	const [row] = await (forArtist ? readAlbumForArtist : readAlbumForAll)(db, did, slug);
	return row;
}

const readAlbumForAll = builtOnce((db: Db, did: string, slug: string) =>
	albumAt(db, did, slug, false)
);
const readAlbumForArtist = builtOnce((db: Db, did: string, slug: string) =>
	albumAt(db, did, slug, true)
);

export async function findAlbumById(
	db: Db,
	id: string,
	forArtist: boolean
): Promise<ShownAlbumRow | undefined> {
	return await selectAlbums(db, forArtist).where('albums.id', '=', id).executeTakeFirst();
}

/** Where an album is now that had this address before. */
export async function findMovedSlug(
	db: Db,
	did: string,
	slug: string
): Promise<string | undefined> {
	const moved = await db
		.selectFrom('album_slugs')
		.innerJoin('albums', 'albums.id', 'album_slugs.album_id')
		.select('albums.slug')
		.where('album_slugs.artist_did', '=', did)
		.where('album_slugs.slug', '=', slug)
		.where('albums.deletion', 'is', null)
		.executeTakeFirst();
	return moved?.slug;
}

/** An artist's tracks that can be put into an album: those that are on no other album's list. */
export async function findAddable(db: Db, did: string, albumId: string) {
	return await db
		.selectFrom('tracks')
		.leftJoin('albums', 'albums.id', 'tracks.album_id')
		.select(['tracks.id', 'tracks.title', 'albums.title as album'])
		.where('tracks.artist_did', '=', did)
		.where('tracks.visibility', '<>', 'deleting')
		.where('tracks.album_id', 'is distinct from', albumId)
		.where('albums.rkey', 'is', null)
		.orderBy('tracks.created_at', 'desc')
		.orderBy('tracks.id', 'desc')
		.limit(200)
		.execute();
}
