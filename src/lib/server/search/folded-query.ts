import type { FilterName, SearchQuery } from '#lib/search/search-query.ts';

/** A query in the form names are kept in (search_fold): what a search compares with. */
export interface FoldedQuery {
	/** empty: only filters were given */
	name: string;
	/** null: there are none, or it is so short that only beginnings of names are looked at */
	words: TypedWords | null;
	/** as tsquery has it: nothing of what was typed is in it but `[a-z0-9]` */
	filter: string | null;
}

/** What was typed, each `[a-z0-9]+`: a name has all of these words, or all of them written as one. */
export interface TypedWords {
	whole: string[];
	/** the last one, as far as it is typed; null: it is one of those */
	begun: string | null;
	/** null when there is only one */
	joined: string | null;
}

/** Nearly everything has a word of one or two letters. */
const SHORT = 2;
/** A word of which the beginning was typed; shorter ones are whole words. */
const BEGINNING_LETTERS = 3;
const MAX_WORDS = 12;
const PLACES: Record<Exclude<FilterName, 'tag'>, string> = { artist: 'B', album: 'C' };

/** @param folded the text and then each filter's value, folded */
export function foldQuery(query: SearchQuery, folded: readonly string[]): FoldedQuery {
	const [name = '', ...values] = folded;
	const words = wordsOf(name);
	return {
		name,
		words: words.length === 0 || name.length <= SHORT ? null : allOf(words),
		filter:
			query.filters.map(({ name: by }, index) => filterOf(by, values[index] ?? '')).join(' & ') ||
			null
	};
}

const wordsOf = (folded: string): string[] =>
	folded
		.split(' ')
		.filter((word) => /^[a-z0-9]+$/.test(word))
		.slice(0, MAX_WORDS)
		.map((word) => word.slice(0, 60));

function allOf(words: readonly string[]): TypedWords {
	const last = words.at(-1) ?? '';
	const isBegun = last.length >= BEGINNING_LETTERS;
	return {
		whole: isBegun ? words.slice(0, -1) : [...words],
		begun: isBegun ? last : null,
		joined: words.length === 1 ? null : joined(words)
	};
}

/** The words of a query, each once: those that may have been typed wrong. */
export const typedWords = ({ name }: FoldedQuery): string[] => [...new Set(wordsOf(name))];

function filterOf(by: FilterName, folded: string): string {
	const words = wordsOf(folded);
	// of signs only: nothing has it as a word
	if (words.length === 0) return lexeme('#', '');
	if (by === 'tag') return lexeme(`#${joined(words)}`, 'D');
	const each = words.map((word) => lexeme(word, PLACES[by])).join(' & ');
	return `((${each}) | ${lexeme(joined(words), PLACES[by])})`;
}

const joined = (words: readonly string[]) => words.join('').slice(0, 60);
const lexeme = (word: string, marks: string) => `'${word}'${marks === '' ? '' : `:${marks}`}`;
