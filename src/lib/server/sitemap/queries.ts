import { type Expression, sql } from 'kysely';
import type { Db } from '#lib/server/db/connect.ts';

/** What has pages of its own; each kind is listed by a key that does not change. */
export const SITEMAP_KINDS = ['tracks', 'albums', 'artists', 'tags'] as const;
export type SitemapKind = (typeof SITEMAP_KINDS)[number];

/** One page that anybody may find. */
export interface SitemapRow {
	key: string;
	/** what its address is made of: an id, an artist, a slug, a tag */
	did: string | null;
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

// "offset 0": asked of each by itself, as a part needs it, and not of all
const SOURCES: Record<SitemapKind, Expression<unknown>> = {
	tracks: sql`
		select id as key, null::text as did, null::text as handle, null::text as slug, image_id, indexed_at as changed_at
		from tracks where ${isPublic}`,
	albums: sql`
		select id as key, artist_did as did, (select handle from artists where did = artist_did) as handle, slug, image_id,
			updated_at as changed_at
		from albums
		where albums.deletion is null
			and exists (select 1 from tracks where tracks.album_id = albums.id and ${isPublic} offset 0)`,
	artists: sql`
		select did as key, did, handle, null::text as slug, avatar_image_id as image_id, updated_at as changed_at
		from artists
		where exists (select 1 from tracks where tracks.artist_did = artists.did and ${isPublic} offset 0)`,
	// those of public tracks stand among what can be found: to count them would be to read all
	tags: sql`
		select ref as key, null::text as did, null::text as handle, null::text as slug, null::text as image_id,
			coalesce((select track_created_at from track_tags where tag = ref collate "default"
				order by track_created_at desc limit 1), created_at) as changed_at
		from search_entries where kind = 'tag'`
};

/**
 * What a key is compared as: text as bytes, so that the order does not depend on the database's
 * language. Of the table: `key` by itself would be the text that is answered.
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

/** Some pages of a kind that follow each other. */
export interface SitemapRange {
	/** the first key; with `isAfter` the one before it */
	from: string;
	isAfter: boolean;
	/** the first key that is not wanted; null: all that follow */
	until: string | null;
	limit: number;
}

/** Some pages of a kind in the order of their keys. */
export async function findPages(
	db: Db,
	kind: SitemapKind,
	range: SitemapRange
): Promise<SitemapRow[]> {
	return (await pagesIn(kind, range).execute(db)).rows;
}

/** The query itself, so that a test can ask the database how it would be carried out. */
export function pagesIn(kind: SitemapKind, { from, isAfter, until, limit }: SitemapRange) {
	const { key, type } = KEYS[kind];
	const begins = isAfter ? sql`>` : sql`>=`;
	const ends = until === null ? sql`` : sql`and ${key} < ${until}::${type}`;
	return sql<SitemapRow>`
		select key::text as key, did, handle, slug, image_id, changed_at from (${SOURCES[kind]}) as listed
		where ${key} ${begins} ${from}::${type} ${ends} order by ${key} limit ${limit}`;
}
