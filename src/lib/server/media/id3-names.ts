import type { RangeBlob } from './range-blob.ts';

/** Fields of several names, in ID3v2.3 and 2.2. */
const NAMES = new Set(['TPE1', 'TPE2', 'TP1', 'TP2']);
const MAX_FRAMES = 500;
const MAX_TEXT_BYTES = 4_096;
const ENCODINGS = ['latin1', 'utf-16', 'utf-16be', 'utf-8'] as const;

/**
 * The names in an ID3v2.3 or 2.2 tag as they were written: the parser cuts them at every slash and
 * takes away the spaces, by which a list ("alice / bob") differs from a name ("AC/DC").
 * @returns by field, in lower case
 */
export async function readId3Names(file: RangeBlob): Promise<Map<string, string>> {
	const found = new Map<string, string>();
	const header = Buffer.from(await file.slice(0, 10).bytes());
	const version = header[3];
	// an extended header would come first; nobody writes one
	const isPlain = ((header[5] ?? 0) & 0xc0) === 0;
	if (header.toString('latin1', 0, 3) !== 'ID3' || !isPlain) return found;
	if (version !== 2 && version !== 3) return found;
	const [idBytes, headBytes] = version === 2 ? [3, 6] : [4, 10];
	for (let at = 10, frames = 0; frames < MAX_FRAMES && at + headBytes < file.size; frames++) {
		const head = Buffer.from(await file.slice(at, at + headBytes).bytes());
		const id = head.toString('latin1', 0, idBytes);
		const size = head.readUIntBE(idBytes, idBytes);
		if (!/^[A-Z0-9]+$/.test(id)) break;
		at += headBytes;
		if (NAMES.has(id) && size <= MAX_TEXT_BYTES && !found.has(id.toLowerCase())) {
			found.set(id.toLowerCase(), decode(await file.slice(at, at + size).bytes()));
		}
		at += size;
	}
	return found;
}

function decode(content: Uint8Array): string {
	const encoding = ENCODINGS[content[0] ?? 0] ?? 'latin1';
	const text = content.subarray(1);
	if (encoding === 'latin1') return Buffer.from(text).toString('latin1');
	const isBigEndian = encoding === 'utf-16' && text[0] === 0xfe && text[1] === 0xff;
	return new TextDecoder(isBigEndian ? 'utf-16be' : encoding).decode(text);
}
