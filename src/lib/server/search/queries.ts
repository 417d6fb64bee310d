import { type RawBuilder, sql, type Transaction } from 'kysely';
import type { SearchKind } from '#lib/search/search-query.ts';
import type { Db } from '#lib/server/db/connect.ts';
import type { Database } from '#lib/server/db/schema.ts';
import type { FoldedQuery } from './folded-query.ts';

/** What results are sorted by. */
export interface EntryPosition {
	tier: number;
	/** among those that nearly fit, how nearly: 0..100 */
	score: number;
	popularity: number;
	created_at: Date;
	ref: string;
}

/** One thing that was found, and where it stands among the others. */
export interface FoundEntry extends EntryPosition {
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

/**
 * Plans are made for what is searched for: a rare word and a common one are found in different ways.
 * Nearly means that half of the parts of three letters are the same.
 */
export async function prepareSearch(trx: Transaction<Database>): Promise<void> {
	await sql`select set_config('plan_cache_mode', 'force_custom_plan', true),
		set_config('jit', 'off', true),
		set_config('pg_trgm.word_similarity_threshold', '0.5', true)`.execute(trx);
}

/** Texts in the form names are compared in. */
export async function foldTexts(db: Db, texts: readonly string[]): Promise<string[]> {
	const { rows } = await sql<{ folded: string }>`
		select search_fold(said) as folded
		from unnest(${texts}::text[]) with ordinality as given (said, place) order by place`.execute(db);
	return rows.map(({ folded }) => folded);
}

/** So many of the most popular are looked at before an index is asked for all. */
const POPULAR = 2000;

/** One tier of a search, for one kind; the queries themselves, so that a test can ask how they are carried out. */
export interface TierQueries {
	/** found among the most popular: quick for what very many have, and only then enough */
	popular: RawBuilder<FoundEntry> | null;
	/** found by an index, wherever they are: quick unless very many have it */
	all: RawBuilder<FoundEntry>;
}

/** @returns undefined when nothing can be in this tier */
export function tierQueries(
	kind: SearchKind,
	query: FoldedQuery,
	tier: number,
	{ limit, after }: EntryPage
): TierQueries | undefined {
	const condition = conditionOf(kind, query, tier);
	if (!condition) return undefined;
	const score = tier === TIERS.nearly ? nearness(query) : sql`0`;
	const within = rowsOf(kind, after?.tier === tier ? beyond(score, after) : sql`true`);
	const fitting =
		query.filter === null ? condition : sql`${condition} and words @@ ${query.filter}::tsquery`;
	// not as the index is sorted: it would be read to its end for what hardly anything has
	const all = sql<FoundEntry>`select ${columns(tier, score)} from ${within} where ${fitting}
		order by score desc, popularity + 0 desc, created_at desc, ref desc limit ${limit + 1}`;
	const popular = sql<FoundEntry>`select ${columns(tier, score)}
		from (select * from ${within} order by popularity desc, created_at desc, ref desc limit ${POPULAR}) popular
		where ${fitting} order by popularity desc, created_at desc, ref desc limit ${limit + 1}`;
	return { all, popular: tier === TIERS.begins || tier === TIERS.words ? popular : null };
}

const columns = (tier: number, score: RawBuilder<unknown>) =>
	sql`${sql.lit(tier)}::integer as tier, ${score} as score, popularity, created_at, ref, uses`;

// the kind as it is: which part of the table it is must be seen before it is run
const rowsOf = (kind: SearchKind, rest: RawBuilder<unknown>) =>
	sql`(select * from search_entries where kind = ${sql.lit(kind)} and ${rest}) entries`;

const nearness = ({ name }: FoldedQuery) =>
	sql`round(100 * word_similarity(${name}, name))::integer`;

const beyond = (score: RawBuilder<unknown>, after: EntryPosition) =>
	after.tier === TIERS.nearly
		? sql`(${score}, popularity, created_at, ref)
			< (${after.score}::integer, ${after.popularity}::smallint, ${after.created_at}, ${after.ref})`
		: sql`(popularity, created_at, ref)
			< (${after.popularity}::smallint, ${after.created_at}, ${after.ref})`;

/** What fits in a tier and in none before it. */
function conditionOf(
	kind: SearchKind,
	{ name, words }: FoldedQuery,
	tier: number
): RawBuilder<unknown> | undefined {
	// only filters were given
	if (name === '') return tier === TIERS.words ? sql`true` : undefined;
	const start = `${name.replace(/[\\%_]/g, '\\$&')}%`;
	const isArtist = kind === 'artist';
	const exact = isArtist ? sql`(name = ${name} or handle = ${name})` : sql`name = ${name}`;
	const begins = isArtist
		? sql`(name like ${start} or handle like ${start})`
		: sql`name like ${start}`;
	if (tier === TIERS.exact) return exact;
	if (tier === TIERS.begins) return sql`${begins} and not ${exact}`;
	if (words === null) return undefined;
	const hasWords = sql`words @@ ${words}::tsquery`;
	return tier === TIERS.words
		? sql`${hasWords} and not ${begins}`
		: sql`${name} <% name and not (${hasWords} or ${begins})`;
}
