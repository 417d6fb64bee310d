import { type RawBuilder, sql } from 'kysely';
import type { SearchKind } from '#lib/search/search-query.ts';
import type { Db } from '#lib/server/db/connect.ts';
import type { FoldedQuery } from './folded-query.ts';

/** What results are sorted by. */
export interface EntryPosition {
	tier: number;
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

/** Texts in the form names are compared in. */
export async function foldTexts(db: Db, texts: readonly string[]): Promise<string[]> {
	const { rows } = await sql<{ folded: string }>`
		select search_fold(said) as folded
		from unnest(${texts}::text[]) with ordinality as given (said, place) order by place`.execute(db);
	return rows.map(({ folded }) => folded);
}

/** Words of names that words typed wrong may stand for, the nearest first: those of each. */
export async function findNearWords(
	db: Db,
	typed: readonly string[]
): Promise<Map<string, string[]>> {
	const { rows } = await sql<{ typed: string; word: string }>`
		select typed, word from search_near(${typed}::text[])`.execute(db);
	const near = Map.groupBy(rows, (row) => row.typed);
	return new Map([...near].map(([one, found]) => [one, found.map(({ word }) => word)]));
}

export type FoundRow = FoundEntry & { kind: SearchKind };

/** Before everything that fits: nothing is so popular. */
const START: EntryPosition = {
	tier: TIERS.exact,
	popularity: 32767,
	created_at: new Date(0),
	ref: ''
};

/**
 * What fits, of each kind the best first, `page.limit + 1` of each: the very name, what begins with it,
 * what has the words. The query itself, so that a test can ask what it reads.
 */
export const entriesOf = (
	kinds: readonly SearchKind[],
	{ name, words, filter }: FoldedQuery,
	{ limit, after }: EntryPage
): RawBuilder<FoundRow> => {
	const { tier, popularity, created_at: createdAt, ref } = after ?? START;
	// only filters were given: everything they leave is found by its words
	const allWords = name === '' ? filter : words;
	const found = kinds.map(
		(kind) => sql`select ${sql.lit(kind)} as kind, found.* from ${sql.raw(`search_find_${kind}s`)}(
			${name || null}, ${allWords}::tsquery, ${name === '' ? null : filter}::tsquery, ${tier}::integer,
			${popularity}::smallint, ${createdAt}::timestamptz, ${ref}, ${limit + 1}::integer) found`
	);
	return sql`${sql.join(found, sql` union all `)}`;
};
