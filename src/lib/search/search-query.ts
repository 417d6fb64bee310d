/** What can be searched for, in the order it is shown. */
export const SEARCH_KINDS = ['track', 'album', 'artist', 'tag'] as const;
export type SearchKind = (typeof SEARCH_KINDS)[number];

/** What a filter can name, and what can be found by it. */
const FILTERED = {
	artist: ['track', 'album'],
	album: ['track'],
	tag: ['track']
} as const satisfies Record<string, readonly SearchKind[]>;
export type FilterName = keyof typeof FILTERED;

/** What somebody searches for, apart from how it is written. */
export interface SearchQuery {
	/** what is left beside the filters, in one line */
	text: string;
	filters: { name: FilterName; value: string }[];
}

/** More than that nobody searches for. */
const MAX_LETTERS = 200;
const MAX_FILTERS = 5;

/** `artist:alice`, `album:"first light"`; a quote that is not closed goes on to the end. */
const FILTER = /(?<=^|\s)(artist|album|tag):(?:["“”]([^"“”]*)(?:["“”]|$)|([^\s"“”]+))/giu;

/** Reads what somebody typed. Whatever it is, it is a query; one that finds nothing at worst. */
export function parseSearch(typed: string): SearchQuery {
	const line = oneLine(typed);
	const filters: SearchQuery['filters'] = [];
	const rest = line.replace(FILTER, (written, name: string, quoted?: string, word?: string) => {
		const value = (quoted ?? word ?? '').trim();
		if (value === '' || filters.length === MAX_FILTERS) return ' ';
		filters.push({ name: name.toLowerCase() as FilterName, value });
		return written.startsWith(' ') ? ' ' : '';
	});
	return { text: rest.replace(/ +/g, ' ').trim(), filters };
}

/** What was typed as it is shown again: without what nobody could type, and not endless. */
export const oneLine = (typed: string): string =>
	typed
		.slice(0, MAX_LETTERS)
		.toWellFormed()
		.replace(/[\p{Cc}\s\ufffd]+/gu, ' ')
		.trim();

/** Which kinds can be found by a query: only those that have what its filters name. */
export const searchedKinds = ({ filters }: SearchQuery): SearchKind[] =>
	SEARCH_KINDS.filter((kind) =>
		filters.every(({ name }) => (FILTERED[name] as readonly SearchKind[]).includes(kind))
	);

export const isSearchKind = (text: string): text is SearchKind =>
	SEARCH_KINDS.some((kind) => kind === text);

const BARE_FILTER = /(?<=^|\s)(?:artist|album|tag):(?=\s|$)/giu;

/** Whether there is nothing to search for: no word, or only filters before their values are typed. */
export const isEmptySearch = ({ text, filters }: SearchQuery): boolean =>
	filters.length === 0 && text.replace(BARE_FILTER, '').trim() === '';
