import { inflateSync } from 'node:zlib';

const SIGNATURE = 0x774f4646;
const WOFF_HEADER = 44;
const WOFF_ENTRY = 20;
const SFNT_HEADER = 12;
const SFNT_ENTRY = 16;

interface Table {
	tag: number;
	checksum: number;
	bytes: Uint8Array;
}

/**
 * The font within a WOFF 1.0 file (https://www.w3.org/TR/WOFF/): packages carry fonts so, and what
 * draws text reads them only unwrapped.
 * @throws Error for anything else
 */
export function unwrapWoff(woff: Buffer): Buffer {
	if (woff.length < WOFF_HEADER || woff.readUInt32BE(0) !== SIGNATURE) {
		throw new Error('this is no WOFF font');
	}
	const count = woff.readUInt16BE(12);
	const tables = Array.from({ length: count }, (_, index) =>
		readTable(woff, WOFF_HEADER + index * WOFF_ENTRY)
	);
	return writeFont(woff.readUInt32BE(4), tables);
}

function readTable(woff: Buffer, at: number): Table {
	const offset = woff.readUInt32BE(at + 4);
	const packed = woff.readUInt32BE(at + 8);
	const size = woff.readUInt32BE(at + 12);
	const bytes = woff.subarray(offset, offset + packed);
	return {
		tag: woff.readUInt32BE(at),
		checksum: woff.readUInt32BE(at + 16),
		bytes: packed < size ? inflateSync(bytes, { maxOutputLength: size }) : bytes
	};
}

/** Tables in the order of their tags, each at a multiple of four, as OpenType has them. */
function writeFont(flavour: number, tables: Table[]): Buffer {
	const count = tables.length;
	const power = Math.floor(Math.log2(count));
	const padded = (length: number) => Math.ceil(length / 4) * 4;
	const start = SFNT_HEADER + count * SFNT_ENTRY;
	const size = tables.reduce((all, { bytes }) => all + padded(bytes.length), start);
	const font = Buffer.alloc(size);
	font.writeUInt32BE(flavour, 0);
	font.writeUInt16BE(count, 4);
	font.writeUInt16BE(2 ** power * 16, 6);
	font.writeUInt16BE(power, 8);
	font.writeUInt16BE(count * 16 - 2 ** power * 16, 10);
	let offset = start;
	const sorted = tables.toSorted((a, b) => a.tag - b.tag);
	for (const [index, { tag, checksum, bytes }] of sorted.entries()) {
		const entry = SFNT_HEADER + index * SFNT_ENTRY;
		font.writeUInt32BE(tag, entry);
		font.writeUInt32BE(checksum, entry + 4);
		font.writeUInt32BE(offset, entry + 8);
		font.writeUInt32BE(bytes.length, entry + 12);
		font.set(bytes, offset);
		offset += padded(bytes.length);
	}
	return font;
}
