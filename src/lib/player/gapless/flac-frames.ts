/** What a flac file says about itself in its STREAMINFO block (RFC 9639 §8.2). */
export interface FlacInfo {
	/** the block as it is, for the decoder */
	block: Uint8Array<ArrayBuffer>;
	minBlockSamples: number;
	maxBlockSamples: number;
	/** 0: not known */
	maxFrameBytes: number;
	sampleRateHz: number;
	channels: number;
	bits: number;
	/** 0: not known */
	totalSamples: number;
}

/** The header of one frame (RFC 9639 §9.1). */
export interface FlacFrame {
	/** the number of its first sample */
	startsAt: number;
	samples: number;
}

export const STREAMINFO_BYTES = 34;
const BLOCK_SAMPLES = [0, 192, 576, 1152, 2304, 4608, 0, 0, 256, 512];

export function readFlacInfo(block: Uint8Array<ArrayBuffer>): FlacInfo {
	const view = new DataView(block.buffer, block.byteOffset, STREAMINFO_BYTES);
	const packed = view.getUint32(10);
	return {
		block,
		minBlockSamples: view.getUint16(0),
		maxBlockSamples: view.getUint16(2),
		maxFrameBytes: (view.getUint8(7) << 16) | view.getUint16(8),
		sampleRateHz: packed >>> 12,
		channels: ((packed >>> 9) & 7) + 1,
		bits: ((packed >>> 4) & 31) + 1,
		totalSamples: (packed & 15) * 0x1_0000_0000 + view.getUint32(14)
	};
}

/** The frame whose header is at this byte; null: there is none, or not all of its header is there. */
export function flacFrameAt(bytes: Uint8Array, at: number, info: FlacInfo): FlacFrame | null {
	const second = bytes[at + 1] ?? 0;
	if (bytes[at] !== 0xff || (second & 0xfe) !== 0xf8) return null;
	const third = bytes[at + 2] ?? 0;
	const fourth = bytes[at + 3] ?? 0xff;
	if ((fourth & 1) !== 0 || (third & 15) === 15 || fourth >> 4 > 10) return null;
	const number = codedNumber(bytes, at + 4);
	if (!number) return null;
	let end = number.end;
	const size = blockSamples(third >> 4, bytes, end);
	end += third >> 4 === 6 ? 1 : third >> 4 === 7 ? 2 : 0;
	const rateBits = third & 15;
	end += rateBits === 12 ? 1 : rateBits > 12 ? 2 : 0;
	if (size === 0 || size > info.maxBlockSamples || end >= bytes.length) return null;
	if (crc8(bytes, at, end) !== bytes[end]) return null;
	const isVariable = (second & 1) === 1;
	return {
		startsAt: isVariable ? number.value : number.value * info.maxBlockSamples,
		samples: size
	};
}

function blockSamples(code: number, bytes: Uint8Array, at: number): number {
	if (code === 6) return (bytes[at] ?? 0) + 1;
	if (code === 7) return ((bytes[at] ?? 0) << 8) + (bytes[at + 1] ?? 0) + 1;
	return code > 7 ? 256 << (code - 8) : (BLOCK_SAMPLES[code] ?? 0);
}

/** A number as UTF-8 codes one, of up to 36 bits. */
function codedNumber(bytes: Uint8Array, at: number): { value: number; end: number } | null {
	const first = bytes[at];
	if (first === undefined) return null;
	const ones = Math.clz32(~(first << 24));
	if (ones === 0) return { value: first, end: at + 1 };
	if (ones === 1 || ones > 7) return null;
	let value = first & (0xff >> (ones + 1));
	for (let i = 1; i < ones; i++) {
		const byte = bytes[at + i] ?? 0;
		if (byte >> 6 !== 2) return null;
		value = value * 64 + (byte & 63);
	}
	return { value, end: at + ones };
}

/** x⁸ + x² + x + 1 */
export function crc8(bytes: Uint8Array, from: number, end: number): number {
	let crc = 0;
	for (let at = from; at < end; at++) {
		crc ^= bytes[at] ?? 0;
		for (let bit = 0; bit < 8; bit++) crc = crc & 0x80 ? ((crc << 1) ^ 7) & 0xff : crc << 1;
	}
	return crc;
}
