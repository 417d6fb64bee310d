import type { RangeBlob } from './range-blob.ts';

const HEADER_BYTES = 10;
/** A tag that is longer is left as it is: nobody writes one, and it would be held whole. */
const MAX_TAG_BYTES = 24 * 1024 * 1024;

/**
 * Undoes the unsynchronisation of a whole ID3v2.2 or 2.3 tag (id3.org, 5): a zero was put behind
 * each byte of ones. In 2.4 each frame is treated by itself, which the parser knows.
 * @returns the file with such a tag as if it had been written plainly; else the file as it is
 */
export async function withoutUnsync(file: RangeBlob): Promise<RangeBlob> {
	const header = await file.slice(0, HEADER_BYTES).bytes();
	const [i, d, three, version = 0, , flags = 0, s0 = 0, s1 = 0, s2 = 0, s3 = 0] = header;
	const isId3 = i === 0x49 && d === 0x44 && three === 0x33;
	const isUnsynced = (flags & 0x80) !== 0 && (version === 2 || version === 3);
	if (!isId3 || !isUnsynced) return file;
	const length = ((s0 & 127) << 21) | ((s1 & 127) << 14) | ((s2 & 127) << 7) | (s3 & 127);
	const end = HEADER_BYTES + length;
	if (length > MAX_TAG_BYTES || end > file.size) return file;
	const plain = undo(await file.slice(HEADER_BYTES, end).bytes());
	const size = [21, 14, 7, 0].map((bits) => (plain.byteLength >> bits) & 127);
	const head = Uint8Array.of(...header.subarray(0, 5), flags & 0x7f, ...size);
	return file.withHead(Buffer.concat([head, plain]), end);
}

/** In place: the result is never longer. */
function undo(bytes: Uint8Array): Uint8Array {
	let length = 0;
	for (let at = 0; at < bytes.byteLength; at++) {
		const byte = bytes[at] ?? 0;
		bytes[length++] = byte;
		if (byte === 0xff && bytes[at + 1] === 0) at++;
	}
	return bytes.subarray(0, length);
}
