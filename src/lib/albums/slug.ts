import anyAscii from 'any-ascii';

const MAX_LENGTH = 100;

/** Scripts whose letters keep their difference in Latin ones: of others, two words may become one. */
const OTHER_SCRIPTS =
	/[^\P{L}\p{Script=Latin}\p{Script=Greek}\p{Script=Cyrillic}\p{Script=Hangul}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hebrew}\p{Script=Arabic}\p{Script=Common}\p{Script=Inherited}]/u;

/** Fractions become two numbers, not the one their digits would make. */
const FRACTIONS = /[¼½¾⅐-⅞↉]/g;

/** Signs that are read out, where two titles may differ by nothing else ("C", "C++", "C#"). */
const SPOKEN: [RegExp, string][] = [
	[/\+/g, ' plus '],
	[/&/g, ' and '],
	// of a name of one letter, as notes are; "#1" is a number
	[/\b([a-z])#/g, '$1 sharp '],
	// beside a word; among other signs it is one of them
	[/(?<![^\sa-z0-9])@(?![^\sa-z0-9])/g, ' at '],
	[/(?<=\d)\/(?=\d)/g, '-']
];

const spoken = (text: string): string =>
	SPOKEN.reduce((said, [sign, word]) => said.replace(sign, word), text);

/**
 * The part of an album's address that its title makes: lower-case letters, digits and hyphens, at
 * most 100 characters, never empty. It is transliterated (café → cafe, C++ → c-plus-plus); where that
 * may make one of two titles (kanji), a short hash of the whole title keeps such albums apart.
 */
export function albumSlug(title: string): string {
	const slug = shorten(
		spoken(anyAscii(title.replace(FRACTIONS, ' $& ').normalize('NFKC')).toLowerCase())
			.replace(/[^a-z0-9\s-]/g, '')
			.replace(/\s+/g, '-')
			.replace(/-+/g, '-')
			.replace(/^-|-$/g, ''),
		MAX_LENGTH
	);
	if (slug !== '' && !OTHER_SCRIPTS.test(title)) return slug;
	const hash = shortHash(title.normalize('NFC').trim().toLowerCase());
	return slug === '' ? `album-${hash}` : `${shorten(slug, MAX_LENGTH - 9)}-${hash}`;
}

/** Whether a part of an address can be one of an album: others (%00) need not be looked up. */
export const isSlug = (text: string): boolean => /^[a-z0-9]+(?:-[a-z0-9]+)*$/.test(text);

/** Cuts at a hyphen where there is one, so that no word is torn. */
function shorten(slug: string, length: number): string {
	if (slug.length <= length) return slug;
	const cut = slug.slice(0, length);
	const hyphen = cut.lastIndexOf('-');
	return hyphen > 0 ? cut.slice(0, hyphen) : cut;
}

/** FNV-1a, 32 bits, as 8 hex characters. */
function shortHash(text: string): string {
	let hash = 0x811c9dc5;
	for (const byte of new TextEncoder().encode(text)) {
		hash = Math.imul(hash ^ byte, 0x01000193) >>> 0;
	}
	return hash.toString(16).padStart(8, '0');
}
