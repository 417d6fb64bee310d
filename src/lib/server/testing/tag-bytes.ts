/** Tags built byte by byte, for what no encoder writes any more, or ever should. */

/** How ID3v2 says a text is encoded. */
export type Id3Encoding =
	'latin1' | 'utf16-bom-le' | 'utf16-bom-be' | 'utf16-plain' | 'utf16be' | 'utf8';

const swapped = (text: string) => Buffer.from(text, 'utf16le').swap16();

/** The encoding's byte, and the text in it. */
export function encodedText(text: string, encoding: Id3Encoding): Buffer {
	const parts: Record<Id3Encoding, [number, Buffer]> = {
		latin1: [0, Buffer.from(text, 'latin1')],
		'utf16-bom-le': [1, Buffer.from('\ufeff' + text, 'utf16le')],
		'utf16-bom-be': [1, swapped('\ufeff' + text)],
		'utf16-plain': [1, Buffer.from(text, 'utf16le')],
		utf16be: [2, swapped(text)],
		utf8: [3, Buffer.from(text)]
	};
	const [byte, bytes] = parts[encoding];
	return Buffer.concat([Buffer.of(byte), bytes]);
}

const synchsafe = (size: number) => Buffer.from([21, 14, 7, 0].map((bits) => (size >> bits) & 127));

/** One frame of an ID3v2 tag of the given version; `size` may lie. */
export function id3Frame(
	version: 2 | 3 | 4,
	id: string,
	content: Buffer,
	size = content.length
): Buffer {
	const plain = Buffer.alloc(4);
	plain.writeUInt32BE(size);
	if (version === 2) return Buffer.concat([Buffer.from(id), plain.subarray(1), content]);
	const length = version === 4 ? synchsafe(size) : plain;
	return Buffer.concat([Buffer.from(id), length, Buffer.alloc(2), content]);
}

export interface Id3Options {
	/** as 5 of the ID3v2 documents says: a zero behind every byte of ones */
	unsynced?: boolean;
	/** the size it pretends to have */
	size?: number;
}

/** A whole ID3v2 tag. */
export function id3Tag(
	version: 2 | 3 | 4,
	frames: readonly Buffer[],
	{ unsynced = false, size }: Id3Options = {}
): Buffer {
	const plain = Buffer.concat(frames);
	const body = unsynced ? unsynchronised(plain) : plain;
	const header = [0x49, 0x44, 0x33, version, 0, unsynced ? 0x80 : 0];
	return Buffer.concat([Buffer.from(header), synchsafe(size ?? body.length), body]);
}

function unsynchronised(bytes: Buffer): Buffer {
	const out: number[] = [];
	for (const [at, byte] of bytes.entries()) {
		out.push(byte);
		const next = bytes[at + 1] ?? 0;
		if (byte === 0xff && (next >= 0xe0 || next === 0)) out.push(0);
	}
	return Buffer.from(out);
}

/** The 128 bytes of ID3v1 at the end of a file; texts as bytes, so that any encoding can be tried. */
export function id3v1Tag(fields: {
	title?: Buffer;
	artist?: Buffer;
	album?: Buffer;
	year?: string;
	track?: number;
	genre?: number;
}): Buffer {
	const tag = Buffer.alloc(128);
	tag.write('TAG');
	fields.title?.copy(tag, 3, 0, 30);
	fields.artist?.copy(tag, 33, 0, 30);
	fields.album?.copy(tag, 63, 0, 30);
	tag.write(fields.year ?? '', 93, 4);
	tag[126] = fields.track ?? 0;
	tag[127] = fields.genre ?? 255;
	return tag;
}

/** An APEv2 tag of texts, to stand at the end of a file. */
export function apeTag(items: Record<string, string>): Buffer {
	const fields = Object.entries(items).map(([key, value]) => {
		const head = Buffer.alloc(8);
		head.writeUInt32LE(Buffer.byteLength(value));
		return Buffer.concat([head, Buffer.from(`${key}\0`), Buffer.from(value)]);
	});
	const body = Buffer.concat(fields);
	const footer = Buffer.alloc(32);
	footer.write('APETAGEX');
	footer.writeUInt32LE(2000, 8);
	footer.writeUInt32LE(body.length + 32, 12);
	footer.writeUInt32LE(fields.length, 16);
	return Buffer.concat([body, footer]);
}

/** A chunk of a RIFF (little-endian) or IFF (big-endian) file, padded to an even length. */
export function chunk(id: string, content: Buffer, order: 'riff' | 'iff'): Buffer {
	const size = Buffer.alloc(4);
	if (order === 'riff') size.writeUInt32LE(content.length);
	else size.writeUInt32BE(content.length);
	return Buffer.concat([Buffer.from(id), size, content, Buffer.alloc(content.length % 2)]);
}

/** A wav or aiff file with more chunks at its end. */
export function withChunks(file: Buffer, chunks: readonly Buffer[], order: 'riff' | 'iff'): Buffer {
	const longer = Buffer.concat([file, ...chunks]);
	if (order === 'riff') longer.writeUInt32LE(longer.length - 8, 4);
	else longer.writeUInt32BE(longer.length - 8, 4);
	return longer;
}

/** A picture as Vorbis comments hold it: FLAC's METADATA_BLOCK_PICTURE, in base64. */
export function pictureBlock(picture: Buffer, mime: string): string {
	const number = (value: number) => {
		const bytes = Buffer.alloc(4);
		bytes.writeUInt32BE(value);
		return bytes;
	};
	const parts = [number(3), number(mime.length), Buffer.from(mime), number(0)];
	const facts = [0, 0, 0, 0].map(number);
	return Buffer.concat([...parts, ...facts, number(picture.length), picture]).toString('base64');
}
