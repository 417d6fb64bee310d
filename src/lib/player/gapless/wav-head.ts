import { NotGapless } from './gapless-source.ts';
import type { RangeReader } from './ranges.ts';
import type { PcmFormat } from './write-flac.ts';

/** The kind of samples in a wav file. */
interface WavFormat extends PcmFormat {
	isFloat: boolean;
}

/** What a wav file says of its sound. */
export interface WavHead extends WavFormat {
	/** of one sample of all channels */
	sampleBytes: number;
	audioStart: number;
	/** of each channel */
	samples: number;
}

const RIFF_BYTES = 12;
const CHUNK_HEADER_BYTES = 8;
const FORMAT_BYTES = 40;
const CHUNKS_LIMIT = 64;
const PCM = 1;
const FLOAT = 3;
/** The bits of a sample, by its kind. */
const BITS = new Map([
	[PCM, [8, 16, 24, 32]],
	[FLOAT, [32, 64]]
]);
const EXTENSIBLE = 0xfffe;
/** Of the kind in an extensible format: behind the two bytes of the kind itself, always this. */
const KIND_GUID = '000000001000800000aa00389b71';
/** A size that is not known, or longer than 32 bits. */
const NO_SIZE = 0xffff_ffff;
/** What flac has room for. */
const RATE_LIMIT_HZ = 0x10_0000;

const textAt = (bytes: Uint8Array, at: number) =>
	String.fromCharCode(...bytes.subarray(at, at + 4));

const viewOf = (bytes: Uint8Array) =>
	new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);

/**
 * Looks for the format and the sound among the chunks of a file.
 * @throws NotGapless when there is none, or it is of another kind than integers or floats in one channel or two
 */
export async function readWavHead(reader: RangeReader, signal: AbortSignal): Promise<WavHead> {
	const riff = await reader.read(0, RIFF_BYTES, signal);
	const isWav = ['RIFF', 'RF64', 'BW64'].includes(textAt(riff, 0)) && textAt(riff, 8) === 'WAVE';
	if (!isWav) throw new NotGapless('no wav');
	let format: WavFormat | undefined;
	let longBytes = 0;
	let at = RIFF_BYTES;
	for (let i = 0; i < CHUNKS_LIMIT; i++) {
		const chunk = await reader.read(at, CHUNK_HEADER_BYTES + FORMAT_BYTES, signal);
		if (chunk.length < CHUNK_HEADER_BYTES) break;
		const size = viewOf(chunk).getUint32(4, true);
		const body = chunk.subarray(CHUNK_HEADER_BYTES, CHUNK_HEADER_BYTES + size);
		const type = textAt(chunk, 0);
		if (type === 'fmt ') format = readFormat(body);
		// the lengths of a file of more than 4 GB: of all, and of its sound
		if (type === 'ds64' && body.length >= 16) {
			longBytes = Number(viewOf(body).getBigUint64(8, true));
		}
		if (type === 'data') {
			if (!format) break;
			const audioStart = at + CHUNK_HEADER_BYTES;
			return headOf(format, audioStart, reader.sizeBytes - audioStart, [size, longBytes]);
		}
		at += CHUNK_HEADER_BYTES + size + (size % 2);
	}
	throw new NotGapless('a wav without sound');
}

/** Who records does not know how long it will be: a size that cannot be means all the rest. */
function headOf(
	format: WavFormat,
	audioStart: number,
	restBytes: number,
	[size, longBytes]: [number, number]
): WavHead {
	const said = size === NO_SIZE ? longBytes : size;
	const sizeBytes = said === 0 || said > restBytes ? restBytes : said;
	const sampleBytes = (format.channels * format.bits) / 8;
	const samples = Math.floor(sizeBytes / sampleBytes);
	if (samples <= 0) throw new NotGapless('a wav without sound');
	return { ...format, sampleBytes, audioStart, samples };
}

function readFormat(body: Uint8Array): WavFormat {
	if (body.length < 16) throw new NotGapless('a format that breaks off');
	const view = viewOf(body);
	let kind = view.getUint16(0, true);
	if (kind === EXTENSIBLE && body.length >= FORMAT_BYTES) {
		const guid = Array.from(body.subarray(26, 40), (byte) => byte.toString(16).padStart(2, '0'));
		if (guid.join('') === KIND_GUID) kind = view.getUint16(24, true);
	}
	const channels = view.getUint16(2, true);
	const rateHz = view.getUint32(4, true);
	const sampleBytes = view.getUint16(12, true);
	const bits = view.getUint16(14, true);
	const isKnown = BITS.get(kind)?.includes(bits) && [1, 2].includes(channels);
	const isPacked = sampleBytes === (channels * bits) / 8;
	if (!isKnown || !isPacked || rateHz === 0 || rateHz >= RATE_LIMIT_HZ) {
		throw new NotGapless(`no plain samples: ${kind}, ${channels} channels of ${bits} bits`);
	}
	return { channels, bits, rateHz, isFloat: kind === FLOAT };
}
