/** A part of a text: words, or an address that is written out in it. */
export interface TextPart {
	text: string;
	/** absolute, http or https; null: words */
	href: string | null;
}

/** Marks that turn the direction of what follows, or hide in it; the line break stays. */
const UNSEEN =
	/[\p{Cc}\u061c\u200e\u200f\u202a-\u202e\u2028\u2029\u2066-\u2069\ufeff\ufff9-\ufffb]/gu;
const ADDRESS = /\bhttps?:\/\/[^\s<>"'`{}|\\^]+/giu;
/** What ends a sentence, and is no part of an address at its end. */
const AFTER_IT = /[.,;:!?…)\]*_~]+$/u;

/**
 * What somebody wrote, as lines without marks that could make it read as something else, its
 * addresses apart. Nothing is taken for an address that a browser would not open as http or https,
 * or that carries a name and a password: they are there to make it look like another one.
 */
export function linkedText(text: string): TextPart[] {
	const clean = text
		.toWellFormed()
		.replace(/\r\n?/g, '\n')
		.replace(UNSEEN, (mark) => (mark === '\n' || mark === '\t' ? mark : ''));
	const parts: TextPart[] = [];
	let end = 0;
	for (const match of clean.matchAll(ADDRESS)) {
		const address = withoutEnd(match[0]);
		const href = hrefOf(address);
		if (href === null) continue;
		if (match.index > end) parts.push({ text: clean.slice(end, match.index), href: null });
		parts.push({ text: address, href });
		end = match.index + address.length;
	}
	if (end < clean.length) parts.push({ text: clean.slice(end), href: null });
	return parts;
}

/** A bracket at the end belongs to it when one was opened within. */
function withoutEnd(address: string): string {
	const ending = AFTER_IT.exec(address)?.[0] ?? '';
	const bare = address.slice(0, address.length - ending.length);
	const isOpen = bare.split('(').length > bare.split(')').length;
	return isOpen && ending.startsWith(')') ? `${bare})` : bare;
}

function hrefOf(address: string): string | null {
	if (!URL.canParse(address)) return null;
	const url = new URL(address);
	const isPlain = url.username === '' && url.password === '' && url.hostname.includes('.');
	return /^https?:$/.test(url.protocol) && isPlain ? url.href : null;
}
