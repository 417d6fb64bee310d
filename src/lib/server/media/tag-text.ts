import { cleanLine, cleanLines } from '#lib/server/uploads/clean-text.ts';

/** UTF-8, when it is valid; else what files were written in before it. */
export function decodeOldText(bytes: Uint8Array, encoding: 'macintosh' | 'windows-1252'): string {
	try {
		return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
	} catch {
		return new TextDecoder(encoding).decode(bytes);
	}
}

/**
 * Mends text that was written as UTF-8 into a field of single bytes, and read as such: "cafÃ©" is
 * "café". A text whose bytes make valid UTF-8 with accents in it was meant as that; by chance it
 * happens to nobody. A field of fixed length may end within a letter.
 */
export function mendMojibake(text: string): string {
	if (!/[\u0080-\u00ff]/.test(text) || /[^\u0000-\u00ff]/.test(text)) return text;
	const bytes = Buffer.from(text, 'latin1');
	for (let cut = 0; cut <= 3; cut++) {
		const whole = bytes.subarray(0, bytes.byteLength - cut);
		try {
			const mended = new TextDecoder('utf-8', { fatal: true }).decode(whole);
			return cut === 0 || /[^\u0000-\u007f]/.test(mended) ? mended : text;
		} catch {
			// not yet, or not at all
		}
	}
	return text;
}

/** Letters looked at per byte kept: what is cleaned away may be in front of them. */
const SLACK = 4;

/** The first value of a field as one line; undefined when nothing is left, or it is no text. */
export function lineOf(text: string, maxBytes: number): string | undefined {
	const value = upToNul(text.slice(0, maxBytes * SLACK));
	// bytes that were no text: rather nothing than something wrong
	return value.includes('\ufffd') ? undefined : cutLine(value, maxBytes);
}

/** One line, cut to a length between two characters; undefined when nothing is left of it. */
export const cutLine = (text: string, maxBytes: number): string | undefined =>
	cut(cleanLine(text.slice(0, maxBytes * SLACK).toWellFormed()), maxBytes);

/** The same for a text of several lines. */
export function linesOf(text: string, maxBytes: number): string | undefined {
	const value = text.slice(0, maxBytes * SLACK).toWellFormed();
	return cut(cleanLines(value.replaceAll('\ufffd', '')), maxBytes);
}

/** What stands behind a NUL is another value, or rubbish. */
function upToNul(text: string): string {
	const value = text.replace(/^\0+/, '');
	const end = value.indexOf('\0');
	return end === -1 ? value : value.slice(0, end);
}

function cut(text: string, maxBytes: number): string | undefined {
	if (Buffer.byteLength(text) <= maxBytes) return text || undefined;
	let length = 0;
	let bytes = 0;
	for (const { segment } of new Intl.Segmenter().segment(text)) {
		bytes += Buffer.byteLength(segment);
		if (bytes > maxBytes) break;
		length += segment.length;
	}
	return text.slice(0, length).trim() || undefined;
}
