import { concat } from './ranges.ts';

/** One frame of sound, as a fragment lists it. */
export interface Mp4Sample {
	sizeBytes: number;
	/** in samples of sound */
	duration: number;
}

const encoder = new TextEncoder();
const MATRIX = [0x1_0000, 0, 0, 0, 0x1_0000, 0, 0, 0, 0x4000_0000].flatMap(u32);
/** undetermined, packed as ISO 14496-12 §8.4.2 has it */
const LANGUAGE = 0x55c4;
const TRACK_ID = 1;
const DATA_OFFSET_BYTES = 8;

/** Big-endian. */
export function u16(value: number): number[] {
	return [(value >> 8) & 0xff, value & 0xff];
}

export function u32(value: number): number[] {
	return [...u16(Math.floor(value / 0x1_0000)), ...u16(value % 0x1_0000)];
}

const u64 = (value: number): number[] => [
	...u32(Math.floor(value / 0x1_0000_0000)),
	...u32(value % 0x1_0000_0000)
];

type Content = Uint8Array | number[];

/** A box of an mp4 file. */
export function box(type: string, ...content: Content[]): Uint8Array<ArrayBuffer> {
	const body = content.map((part) => (part instanceof Uint8Array ? part : Uint8Array.from(part)));
	const size = 8 + body.reduce((sum, part) => sum + part.length, 0);
	return concat([Uint8Array.from(u32(size)), encoder.encode(type), ...body], size);
}

/** A box with a version and flags. */
export function fullBox(
	type: string,
	version: number,
	flags: number,
	...content: Content[]
): Uint8Array<ArrayBuffer> {
	return box(type, u32(version * 0x100_0000 + flags), ...content);
}

/** The description of a kind of sound (ISO 14496-12 §12.2.3), with the box of its codec. */
export function audioSampleEntry(
	type: string,
	{ channels, bits, rateHz }: { channels: number; bits: number; rateHz: number },
	codecBox: Uint8Array
): Uint8Array<ArrayBuffer> {
	const rate = rateHz <= 0xffff ? u32(rateHz * 0x1_0000) : u32(0);
	const sound = [...u16(channels), ...u16(bits), ...u32(0), ...rate];
	return box(type, [...u32(0), ...u16(0), ...u16(1)], [...u32(0), ...u32(0), ...sound], codecBox);
}

/**
 * What goes before all fragments of one track: no sound, only what it is.
 * @param timescale ticks a second: the sample rate
 */
export function initSegment(sampleEntry: Uint8Array, timescale: number): Uint8Array<ArrayBuffer> {
	const empty = u32(0);
	const table = box(
		'stbl',
		fullBox('stsd', 0, 0, u32(1), sampleEntry),
		fullBox('stts', 0, 0, empty),
		fullBox('stsc', 0, 0, empty),
		fullBox('stsz', 0, 0, empty, empty),
		fullBox('stco', 0, 0, empty)
	);
	const here = box('dinf', fullBox('dref', 0, 0, u32(1), fullBox('url ', 0, 1)));
	const media = box(
		'mdia',
		fullBox('mdhd', 0, 0, empty, empty, u32(timescale), empty, u16(LANGUAGE), u16(0)),
		fullBox('hdlr', 0, 0, empty, [...encoder.encode('soun')], new Uint8Array(13)),
		box('minf', fullBox('smhd', 0, 0, empty), here, table)
	);
	const loudness = [...u16(0), ...u16(0), ...u16(0x100), ...u16(0)];
	const track = box(
		'trak',
		fullBox('tkhd', 0, 3, empty, empty, u32(TRACK_ID), empty, empty, u32(0), u32(0), loudness, [
			...MATRIX,
			...u32(0),
			...u32(0)
		]),
		media
	);
	const rates = [...u32(0x1_0000), ...u16(0x100), ...u16(0), ...u32(0), ...u32(0), ...MATRIX];
	const movie = box(
		'moov',
		fullBox('mvhd', 0, 0, empty, empty, u32(timescale), empty, rates, new Uint8Array(24), u32(2)),
		track,
		box('mvex', fullBox('trex', 0, 0, u32(TRACK_ID), u32(1), empty, empty, empty))
	);
	const brands = encoder.encode('isomiso6mp41');
	return concat([box('ftyp', encoder.encode('iso6'), u32(1), brands), movie]);
}

/**
 * Frames that follow each other, ready to be appended.
 * @param startsAt of the first of them, in samples of sound
 * @param bytes of all of them
 */
export function fragment(
	startsAt: number,
	samples: readonly Mp4Sample[],
	bytes: Uint8Array
): Uint8Array<ArrayBuffer> {
	const make = (dataOffset: number) => {
		const entries = samples.flatMap(({ duration, sizeBytes }) => [
			...u32(duration),
			...u32(sizeBytes)
		]);
		// the default base is the moof; each sample with its duration and size
		const run = fullBox('trun', 0, 0x301, u32(samples.length), u32(dataOffset), entries);
		const header = fullBox('tfhd', 0, 0x2_0000, u32(TRACK_ID));
		const time = fullBox('tfdt', 1, 0, u64(startsAt));
		return box('moof', fullBox('mfhd', 0, 0, u32(1)), box('traf', header, time, run));
	};
	const size = make(0).length;
	return concat([make(size + DATA_OFFSET_BYTES), box('mdat', bytes)]);
}
