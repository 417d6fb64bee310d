/** fm.plyr.track: what a record holds */
export const MAX_TAGS = 10;
const MAX_TAG_GRAPHEMES = 32;
const MAX_TAG_BYTES = 128;

/** Characters nobody sees: two tags that look the same are the same. Joiners make letters and emoji. */
const INVISIBLE =
	/[\p{Cc}\u00ad\u180e\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\ufeff\ufff9-\ufffd]/gu;

/**
 * A word to find tracks by, in the one form it is kept and searched in: "#Hip  Hop" → "hip hop".
 * Commas separate tags where they are typed, so that none is within one.
 * @returns null when nothing is left, or when it is too long for a record
 */
export function normaliseTag(text: string): string | null {
	const tag = text
		.toWellFormed()
		.normalize('NFKC')
		.toLowerCase()
		.normalize('NFKC')
		.replace(/[\s#,]+/g, ' ')
		.replace(INVISIBLE, '')
		.replace(/ +/g, ' ')
		.trim();
	return tag !== '' && fits(tag) ? tag : null;
}

function fits(tag: string): boolean {
	if (new TextEncoder().encode(tag).byteLength > MAX_TAG_BYTES) return false;
	return [...new Intl.Segmenter().segment(tag)].length <= MAX_TAG_GRAPHEMES;
}

/** Several, each once, in their order, at most `MAX_TAGS`; what cannot be a tag is left out. */
export function normaliseTags(texts: readonly string[]): string[] {
	const tags = texts.map(normaliseTag).filter((tag) => tag !== null);
	return [...new Set(tags)].slice(0, MAX_TAGS);
}

/** The tags of what files call their genre: "Dub Techno; Ambient" → "dub techno", "ambient". */
export const tagsOfGenres = (genres: readonly string[]): string[] =>
	normaliseTags(genres.flatMap((genre) => genre.split(/[;|\0]/)).flatMap(splitAtCommas));

/** A list, or the name of one genre: "folk, world, & country". */
function splitAtCommas(genre: string): string[] {
	const parts = genre.split(',');
	return parts.some((part) => /^\s*(?:&|and\s)/i.test(part)) ? [genre] : parts;
}
