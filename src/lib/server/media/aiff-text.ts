import { decodeOldText } from './tag-text.ts';
import type { RangeBlob } from './range-blob.ts';

/** Chunks looked at; a hostile file can have millions. */
const MAX_CHUNKS = 200;
const MAX_TEXT_BYTES = 4096;

/**
 * The text chunks of an AIFF file (AIFF 1.3, "Text Chunks"), which the parser reads as if every
 * letter were ASCII.
 */
export async function readAiffText(file: RangeBlob): Promise<{ title?: string; artist?: string }> {
	const found: { title?: string; artist?: string } = {};
	let at = 12;
	for (let chunks = 0; chunks < MAX_CHUNKS && at + 8 <= file.size; chunks++) {
		const header = Buffer.from(await file.slice(at, at + 8).bytes());
		const length = header.readUInt32BE(4);
		const name = header.toString('latin1', 0, 4);
		if (name === 'NAME' || name === 'AUTH') {
			const end = Math.min(at + 8 + length, at + 8 + MAX_TEXT_BYTES, file.size);
			const text = decodeOldText(await file.slice(at + 8, end).bytes(), 'macintosh');
			found[name === 'NAME' ? 'title' : 'artist'] ??= text;
		}
		at += 8 + length + (length % 2);
	}
	return found;
}
