import { type RawBuilder, sql } from 'kysely';
import type { SearchKind } from '#lib/search/search-query.ts';
import { builtOnce } from '#lib/server/db/built-once.ts';
import type { Db } from '#lib/server/db/connect.ts';
import type { FoldedQuery, TypedWords } from './folded-query.ts';

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

/** What a search of one kind is asked, in the order of its parameters. */
type Asked = readonly [
	name: string | null,
	whole: TypedWords['whole'] | null,
	begun: TypedWords['begun'],
	joined: TypedWords['joined'],
	words: string | null,
	filter: string | null,
	tier: number,
	popularity: number,
	createdAt: Date,
	ref: string,
	missing: number
];

function askedFor({ name, words, filter }: FoldedQuery, { limit, after }: EntryPage): Asked {
	const { tier, popularity, created_at: createdAt, ref } = after ?? START;
	const typed = [words?.whole ?? null, words?.begun ?? null, words?.joined ?? null] as const;
	// only filters were given: everything they leave is found by its words
	const said =
		name === ''
			? ([null, null, null, null, filter, null] as const)
			: ([name, ...typed, null, filter] as const);
	return [...said, tier, popularity, createdAt, ref, limit + 1];
}

const searchOf = (
	kinds: readonly SearchKind[],
	[name, whole, begun, joined, words, filter, tier, popularity, createdAt, ref, missing]: Asked
): RawBuilder<FoundRow> => {
	const found = kinds.map(
		(kind) => sql`select ${sql.lit(kind)} as kind, found.*
			from asked, ${sql.raw(`search_find_${kind}s`)}(name, words, filter, tier, popularity, created_at,
				ref, missing) found`
	);
	return sql`
		with asked as (select ${name}::text as name, coalesce(${words}::tsquery,
				search_possible(${whole}::text[], ${begun}::text, ${joined}::text)) as words,
			${filter}::tsquery as filter, ${tier}::integer as tier, ${popularity}::smallint as popularity,
			${createdAt}::timestamptz as created_at, ${ref}::text as ref, ${missing}::integer as missing)
		${sql.join(found, sql` union all `)}`;
};

/**
 * What fits, of each kind the best first, `page.limit + 1` of each: the very name, what begins with it,
 * what has the words. The query itself, so that a test can ask what it reads.
 */
export const entriesOf = (
	kinds: readonly SearchKind[],
	query: FoldedQuery,
	page: EntryPage
): RawBuilder<FoundRow> => searchOf(kinds, askedFor(query, page));

type ReadEntries = (db: Db, ...asked: Asked) => Promise<FoundRow[]>;

/** By the kinds that are searched. */
const readsOfEntries = new Map<string, ReadEntries>();

/** What it finds. */
export function readEntries(
	db: Db,
	kinds: readonly SearchKind[],
	query: FoldedQuery,
	page: EntryPage
): Promise<FoundRow[]> {
	const form = kinds.join(' ');
	const made = readsOfEntries.get(form);
	const read =
		made ??
		builtOnce<Asked, FoundRow>(
			(_db, name, whole, begun, joined, words, filter, tier, popularity, createdAt, ref, missing) =>
				searchOf(kinds, [
					name,
					whole,
					begun,
					joined,
					words,
					filter,
					tier,
					popularity,
					createdAt,
					ref,
					missing
				])
		);
	if (!made) readsOfEntries.set(form, read);
	return read(db, ...askedFor(query, page));
}
