import { type Expression, sql } from 'kysely';
import type { Db } from '#lib/server/db/connect.ts';

/** What has pages of its own; each kind is listed by a key that does not change. */
export const SITEMAP_KINDS = ['tracks', 'albums', 'artists', 'tags'] as const;
export type SitemapKind = (typeof SITEMAP_KINDS)[number];

/** One page that anybody may find. */
export interface SitemapRow {
	key: string;
	/** what its address is made of: an id, a handle, a slug, a tag */
	handle: string | null;
	slug: string | null;
	image_id: string | null;
	changed_at: Date;
}

/** Where a page of a sitemap begins, and when something on it changed last. */
export interface SitemapPart {
	first_key: string;
	changed_at: Date;
}

const isPublic = sql`tracks.visibility = 'public'`;

const SOURCES: Record<SitemapKind, Expression<unknown>> = {
	tracks: sql`
		select id as key, null::text as handle, null::text as slug, image_id, indexed_at as changed_at
		from tracks where ${isPublic}`,
	albums: sql`
		select albums.id as key, artists.handle, albums.slug, albums.image_id, albums.updated_at as changed_at
		from albums join artists on artists.did = albums.artist_did
		where albums.deletion is null
			and exists (select 1 from tracks where tracks.album_id = albums.id and ${isPublic})`,
	artists: sql`
		select did as key, handle, null::text as slug, avatar_image_id as image_id, updated_at as changed_at
		from artists
		where exists (select 1 from tracks where tracks.artist_did = artists.did and ${isPublic})`,
	tags: sql`
		select tag as key, null::text as handle, null::text as slug, null::text as image_id,
			max(tracks.indexed_at) as changed_at
		from track_tags join tracks on tracks.id = track_tags.track_id
		where ${isPublic} group by tag`
};

/**
 * What a key is compared as, and what it is: text as bytes, so that the order does not depend on the
 * database's language.
 */
const KEYS: Record<SitemapKind, { key: Expression<unknown>; type: Expression<unknown> }> = {
	tracks: { key: sql`listed.key`, type: sql`bigint` },
	albums: { key: sql`listed.key`, type: sql`uuid` },
	artists: { key: sql`listed.key collate "C"`, type: sql`text` },
	tags: { key: sql`listed.key collate "C"`, type: sql`text` }
};

/** The parts of a kind, each of at most so many pages: one pass, without their addresses. */
export async function findParts(
	db: Db,
	kind: SitemapKind,
	pagesPerPart: number
): Promise<SitemapPart[]> {
	const { key } = KEYS[kind];
	const { rows } = await sql<SitemapPart>`
		select min(key::text) filter (where n % ${pagesPerPart} = 0) as first_key,
			max(changed_at) as changed_at
		from (
			select key, changed_at, row_number() over (order by ${key}) - 1 as n from (${SOURCES[kind]}) as listed
		) as numbered
		group by n / ${pagesPerPart}::bigint order by min(n)`.execute(db);
	return rows;
}

/**
 * Some pages of a kind in the order of their keys.
 * @param from the first key, `isAfter`: the one before it
 * @param until the first key that is not wanted; null: all that follow
 */
export async function findPages(
	db: Db,
	kind: SitemapKind,
	{
		from,
		isAfter,
		until,
		limit
	}: { from: string; isAfter: boolean; until: string | null; limit: number }
): Promise<SitemapRow[]> {
	const { key, type } = KEYS[kind];
	const begins = isAfter ? sql`>` : sql`>=`;
	const ends = until === null ? sql`` : sql`and ${key} < ${until}::${type}`;
	const { rows } = await sql<SitemapRow>`
		select key::text as key, handle, slug, image_id, changed_at from (${SOURCES[kind]}) as listed
		where ${key} ${begins} ${from}::${type} ${ends} order by ${key} limit ${limit}`.execute(db);
	return rows;
}
