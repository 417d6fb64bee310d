import { NotGapless } from './gapless-source.ts';
import { concat } from './ranges.ts';

/** What an ogg vorbis says of itself (Vorbis I, §4.2). */
export interface VorbisHead {
	channels: number;
	rateHz: number;
	/** of each mode: the samples of its blocks */
	modes: readonly number[];
	/** its first and its third header packet, as they are */
	identification: Uint8Array<ArrayBuffer>;
	setup: Uint8Array<ArrayBuffer>;
}

const IDENTIFICATION = 1;
const COMMENTS = 3;
const SETUP = 5;
const IDENTIFICATION_BYTES = 30;
const MODES_LIMIT = 64;
/** Of one mode in the setup: whether its blocks are long, two kinds that are always 0, its mapping. */
const MODE_BITS = 41;
const KIND_BITS = 16;
const COUNT_BITS = 6;

const encoder = new TextEncoder();

/** @throws NotGapless when these are no headers of vorbis */
export function readVorbisHead(
	identification: Uint8Array<ArrayBuffer> = new Uint8Array(),
	setup: Uint8Array<ArrayBuffer> = new Uint8Array()
): VorbisHead {
	const isVorbis = isHeader(identification, IDENTIFICATION) && isHeader(setup, SETUP);
	if (!isVorbis || identification.length < IDENTIFICATION_BYTES) throw new NotGapless('no vorbis');
	const view = new DataView(identification.buffer, identification.byteOffset);
	const [version, channels, rateHz] = [
		view.getUint32(7, true),
		view.getUint8(11),
		view.getUint32(12, true)
	];
	const exponents = view.getUint8(28);
	const [short, long] = [exponents & 15, exponents >> 4];
	if (version !== 0 || channels === 0 || channels > 2 || rateHz === 0) {
		throw new NotGapless(`vorbis ${version} of ${channels} channels`);
	}
	if (short < 6 || long > 13 || short > long) throw new NotGapless('no blocks of vorbis');
	const modes = readModes(setup).map((isLong) => 2 ** (isLong ? long : short));
	return { channels, rateHz, modes, identification, setup };
}

/** The samples of a packet's block (§4.3.1). @throws NotGapless when it is no packet of sound */
export function blockSamples({ modes }: VorbisHead, firstByte: number | undefined): number {
	const modeBits = 32 - Math.clz32(modes.length - 1);
	const mode = ((firstByte ?? 1) >> 1) & (2 ** modeBits - 1);
	const samples = modes[mode];
	if (samples === undefined || ((firstByte ?? 1) & 1) === 1) throw new NotGapless('no sound');
	return samples;
}

/**
 * All three headers, as matroska keeps them: the lengths of the first two, then these.
 * @param vendor stands in the comments, of which there are none
 */
export function vorbisPrivate(
	{ identification, setup }: VorbisHead,
	vendor: string
): Uint8Array<ArrayBuffer> {
	const name = encoder.encode(vendor);
	const comments = [COMMENTS, ...encoder.encode('vorbis'), name.length, 0, 0, 0, ...name];
	comments.push(0, 0, 0, 0, 1);
	const lengths = [2, identification.length, comments.length];
	return concat([Uint8Array.from(lengths), identification, Uint8Array.from(comments), setup]);
}

function isHeader(packet: Uint8Array, type: number): boolean {
	return packet[0] === type && String.fromCharCode(...packet.subarray(1, 7)) === 'vorbis';
}

/**
 * Whether each mode is one of long blocks. They are the last of a setup, behind their number, so they are
 * read from its end: what is before them is long, and only a decoder needs it.
 */
function readModes(setup: Uint8Array): boolean[] {
	/** a number, the lowest bit first */
	const numberAt = (at: number, bits: number) => {
		let value = 0;
		for (let i = bits - 1; i >= 0; i--) {
			value = value * 2 + (((setup[(at + i) >> 3] ?? 0) >> ((at + i) & 7)) & 1);
		}
		return value;
	};
	// the last bit that is set closes the packet
	const lastByte = setup.findLastIndex((byte) => byte !== 0);
	const end = lastByte * 8 + 31 - Math.clz32(setup[lastByte] ?? 0);
	let found = 0;
	for (let count = 1; count <= MODES_LIMIT; count++) {
		const at = end - count * MODE_BITS;
		if (at < COUNT_BITS + 7 * 8) break;
		const kinds = numberAt(at + 1, KIND_BITS) + numberAt(at + 1 + KIND_BITS, KIND_BITS);
		if (kinds !== 0) break;
		// the last bits of a mapping may look like a number as well
		if (numberAt(at - COUNT_BITS, COUNT_BITS) === count - 1) found = count;
	}
	if (found === 0) throw new NotGapless('a setup without modes');
	return Array.from({ length: found }, (_, mode) => {
		return numberAt(end - (found - mode) * MODE_BITS, 1) === 1;
	});
}
