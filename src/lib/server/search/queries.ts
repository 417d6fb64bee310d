import { type RawBuilder, sql } from 'kysely';
import { jsonArrayFrom } from 'kysely/helpers/postgres';
import type { SearchKind } from '#lib/search/search-query.ts';
import { publicAlbumsById } from '#lib/server/albums/albums.ts';
import type { ShownAlbumRow } from '#lib/server/albums/reading-queries.ts';
import { artistsByDid } from '#lib/server/artists/artists.ts';
import type { ArtistRow } from '#lib/server/artists/queries.ts';
import { builtOnce } from '#lib/server/db/built-once.ts';
import type { Db } from '#lib/server/db/connect.ts';
import type { TrackRow } from '#lib/server/tracks/queries.ts';
import { tracksById } from '#lib/server/tracks/tracks.ts';
import { type FoldedQuery, typedWords } from './folded-query.ts';

/** What results are sorted by. */
export interface EntryPosition {
	tier: number;
	popularity: number;
	created_at: Date;
	ref: string;
}

/** One thing that was found, and where it stands among the others; as JSON has it. */
export interface FoundEntry extends InJson<EntryPosition> {
	kind: SearchKind;
	/** how many tracks a tag has */
	uses: number;
}

/** How well something fits: each finds what those before it do not. */
export const TIERS = { exact: 1, begins: 2, words: 3, nearly: 4 } as const;

/** Which part of what fits. */
export interface EntryPage {
	limit: number;
	after?: EntryPosition | undefined;
}

/** What the database answers, with its times still as JSON has them; the rows are in no order. */
export interface Answer {
	entries: FoundEntry[];
	tracks: InJson<TrackRow>[];
	albums: InJson<ShownAlbumRow>[];
	artists: InJson<ArtistRow>[];
}

type InJson<Row> = { [Key in keyof Row]: Row[Key] extends Date ? string : Row[Key] };

/** Before everything that fits: nothing is so popular. */
const START: EntryPosition = {
	tier: TIERS.exact,
	popularity: 32767,
	created_at: new Date(0),
	ref: ''
};

/** What a search is asked, in the order of its parameters. */
const askedFor = (query: FoldedQuery, { limit, after }: EntryPage) => {
	const { name, words, filter } = query;
	const { tier, popularity, created_at: createdAt, ref } = after ?? START;
	const isByFilters = name === '';
	// who has seen what fits does not go on with what nearly does
	const mayBeNear = words !== null && (after === undefined || tier === TIERS.nearly);
	return [
		isByFilters ? null : name,
		words?.whole ?? null,
		words?.begun ?? null,
		words?.joined ?? null,
		// only filters were given: everything they leave is found by its words
		isByFilters ? filter : null,
		isByFilters ? null : filter,
		mayBeNear ? typedWords(query) : null,
		tier,
		popularity,
		createdAt,
		ref,
		limit + 1
	] as const;
};

type Asked = ReturnType<typeof askedFor>;
const VALUES_ASKED: Asked['length'] = 12;

/** Those of one kind, each with its place among them. */
const hits = (kind: SearchKind) =>
	sql`select ${sql.lit(kind)}::text as kind, hit.* from asked, ${sql.raw(`search_find_${kind}s`)}(name,
			words, filter, tier, popularity, created_at, ref, missing) with ordinality
			hit(tier, popularity, created_at, ref, uses, place)`;

function searchOf(
	db: Db,
	kinds: readonly SearchKind[],
	[name, whole, begun, joined, words, filter, typed, tier, popularity, at, ref, missing]: Asked
): RawBuilder<Answer> {
	const fitting = sql.join(kinds.map(hits), sql` union all `);
	const rows = (kind: SearchKind, select: () => RawBuilder<unknown>) =>
		kinds.includes(kind) ? select() : sql`'[]'::json`;
	// the one after them only says that there is more
	const shownRefs = <Ref>(kind: SearchKind, type: string): RawBuilder<Ref[]> =>
		sql`array(select ref::${sql.raw(type)} from found where kind = ${sql.lit(kind)}
			and place < ${missing}::integer)`;
	const tracks = () => jsonArrayFrom(tracksById(db, shownRefs('track', 'bigint')));
	const albums = () => jsonArrayFrom(publicAlbumsById(db, shownRefs('album', 'uuid')));
	const artists = () => jsonArrayFrom(artistsByDid(db, shownRefs('artist', 'text')));
	return sql`
		with asked as materialized (select ${name}::text as name, coalesce(${words}::tsquery,
				search_possible(${whole}::text[], ${begun}::text, ${joined}::text)) as words,
			${filter}::tsquery as filter, ${tier}::integer as tier, ${popularity}::smallint as popularity,
			${at}::timestamptz as created_at, ${ref}::text as ref, ${missing}::integer as missing),
		fitting as materialized (${fitting}),
		found as materialized (select * from fitting union all
			select near.* from asked, search_find_near(array[${sql.join(kinds.map((kind) => sql.lit(kind)))}],
				${typed}::text[], filter, popularity, created_at, ref, missing) near
			where ${typed}::text[] is not null and not exists (select from fitting))
		select (select coalesce(json_agg(found), '[]') from found) as entries,
			${rows('track', tracks)} as tracks, ${rows('album', albums)} as albums,
			${rows('artist', artists)} as artists`;
}

/**
 * What fits, of each kind the best first, `page.limit + 1` of each: the very name, what begins with it,
 * what has the words; where there is nothing of any kind, what nearly fits: who has found what they typed
 * has not typed it wrong. And the rows of what is shown of it: to ask for them by themselves costs a page
 * as much as all else about them. The query itself, so that a test can ask what it reads.
 */
export const searchQuery = (
	db: Db,
	kinds: readonly SearchKind[],
	query: FoldedQuery,
	page: EntryPage
): RawBuilder<Answer> => searchOf(db, kinds, askedFor(query, page));

type ReadAnswer = (db: Db, ...asked: Asked) => Promise<Answer[]>;

/** By the kinds that are searched. */
const readsOfAnswer = new Map<string, ReadAnswer>();

/** What it finds. */
export async function readAnswer(
	db: Db,
	kinds: readonly SearchKind[],
	query: FoldedQuery,
	page: EntryPage
): Promise<Answer> {
	const form = kinds.join(' ');
	const read =
		readsOfAnswer.get(form) ??
		builtOnce<Asked, Answer>((one, ...asked) => searchOf(one, kinds, asked), VALUES_ASKED);
	readsOfAnswer.set(form, read);
	const [answer] = await read(db, ...askedFor(query, page));
	if (!answer) throw new Error('a search has no answer');
	return answer;
}
