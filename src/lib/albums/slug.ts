const MAX_LENGTH = 100;

/** Letters that Unicode does not take apart into a base and a mark. */
const FOLDED: Record<string, string> = {
	ß: 'ss',
	æ: 'ae',
	œ: 'oe',
	ø: 'o',
	đ: 'd',
	ð: 'd',
	ł: 'l',
	þ: 'th',
	ħ: 'h',
	ı: 'i'
};

/**
 * The part of an album's address that its title makes: lower-case letters, digits and hyphens, at
 * most 100 characters, never empty. Accents are folded (café → cafe); where letters of another
 * script had to go, a short hash of the whole title keeps two such albums apart.
 */
export function albumSlug(title: string): string {
	const folded = title
		.normalize('NFKD')
		.replace(/\p{M}/gu, '')
		.toLowerCase()
		.replace(/[^\x20-\x7e]/gu, (character) => FOLDED[character] ?? character);
	const slug = shorten(
		folded
			.replace(/[^a-z0-9\s-]/g, '')
			.replace(/\s+/g, '-')
			.replace(/-+/g, '-')
			.replace(/^-|-$/g, ''),
		MAX_LENGTH
	);
	const lostLetters = /[^\x20-\x7e]/.test(folded.replace(/[^\p{L}\p{N}]/gu, ''));
	if (slug !== '' && !lostLetters) return slug;
	const hash = shortHash(title.normalize('NFC').trim().toLowerCase());
	return slug === '' ? `album-${hash}` : `${shorten(slug, MAX_LENGTH - 9)}-${hash}`;
}

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
