import {
	isEmptySearch,
	isSearchKind,
	parseSearch,
	SEARCH_KINDS,
	searchedKinds,
	type SearchKind,
	type SearchQuery
} from '#lib/search/search-query.ts';
import type { Context } from '#lib/server/context.ts';
import { unprocessable } from '#lib/server/errors.ts';
import { formatSearchCursor, parseSearchCursor } from './cursor.ts';
import { foldTexts } from './fold-texts.ts';
import { foldQuery } from './folded-query.ts';
import { type FoundRows, foundRows } from './found-rows.ts';
import { type Answer, type EntryPage, type FoundEntry, readAnswer, TIERS } from './queries.ts';

/** What somebody searches for, as it stands in an address. */
export interface SearchRequest {
	q: string;
	/** only tracks, albums, artists or tags; all of them when left out */
	kind?: string | undefined;
	/** of each kind */
	limit?: number | string | undefined;
	/** goes on where a page of one kind ended */
	cursor?: string | undefined;
}

/** Some of what was found of one kind. */
export interface FoundRefs {
	entries: FoundEntry[];
	/** null at the end */
	nextCursor: string | null;
}

/** What was found: by its id, did or tag, the best first. */
export interface Found {
	query: SearchQuery;
	kinds: Record<SearchKind, FoundRefs>;
	rows: FoundRows;
	/** nothing is called that, and nothing has these words: only what nearly fits was found */
	isNear: boolean;
}

const DEFAULT_LIMIT = 5;
const DEFAULT_LIMIT_OF_KIND = 20;
const MAX_LIMIT = 50;

const NOTHING: Answer = { entries: [], tracks: [], albums: [], artists: [] };

/**
 * Searches everything that is public, or one kind of it: one question to the database.
 * @throws DomainError 422 when nothing is searched for, and for a kind, limit or cursor that does not fit
 */
export async function search(
	{ db }: Pick<Context, 'db'>,
	{ q, kind, limit, cursor }: SearchRequest
): Promise<Found> {
	const query = parseSearch(q);
	if (isEmptySearch(query)) throw unprocessable('q', 'type what you are looking for');
	const wanted = kind === undefined ? searchedKinds(query) : [readKind(kind)];
	const page: EntryPage = {
		limit: readLimit(limit, kind === undefined ? DEFAULT_LIMIT : DEFAULT_LIMIT_OF_KIND),
		after: cursor === undefined ? undefined : readCursor(cursor, kind)
	};
	const texts = [query.text, ...query.filters.map(({ value }) => value)];
	const folded = foldQuery(query, await foldTexts(db, texts));
	const kinds = searchedKinds(query).filter((each) => wanted.includes(each));
	const answer = kinds.length === 0 ? NOTHING : await readAnswer(db, kinds, folded, page);
	const found = Map.groupBy(answer.entries, ({ kind: of }) => of);
	const cutKinds = {
		track: cut(found.get('track'), page),
		album: cut(found.get('album'), page),
		artist: cut(found.get('artist'), page),
		tag: cut(found.get('tag'), page)
	};
	const { track, album, artist } = cutKinds;
	return {
		query,
		kinds: cutKinds,
		rows: foundRows(answer, {
			track: track.entries,
			album: album.entries,
			artist: artist.entries
		}),
		isNear: answer.entries.length > 0 && answer.entries.every(({ tier }) => tier === TIERS.nearly)
	};
}

function cut(found: FoundEntry[] = [], { limit }: EntryPage): FoundRefs {
	const entries = found.slice(0, limit);
	const last = entries.at(-1);
	const hasMore = found.length > limit && last !== undefined;
	return { entries, nextCursor: hasMore ? formatSearchCursor(last) : null };
}

function readKind(kind: string): SearchKind {
	if (!isSearchKind(kind)) throw unprocessable('kind', `kind is one of ${SEARCH_KINDS.join(', ')}`);
	return kind;
}

function readLimit(limit: number | string | undefined, usual: number): number {
	if (limit === undefined) return usual;
	const count = /^\d{1,3}$/.test(String(limit)) ? Number(limit) : 0;
	if (count < 1 || count > MAX_LIMIT) {
		throw unprocessable('limit', `limit is a whole number between 1 and ${MAX_LIMIT}`);
	}
	return count;
}

function readCursor(cursor: string, kind: string | undefined) {
	if (kind === undefined) {
		throw unprocessable('cursor', 'a cursor goes on with one kind: say which');
	}
	return parseSearchCursor(cursor);
}
