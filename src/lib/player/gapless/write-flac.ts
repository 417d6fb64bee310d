import { crc8, STREAMINFO_BYTES } from './flac-frames.ts';
import { audioSampleEntry, fullBox, initSegment, u16, u32 } from './write-fmp4.ts';

/** Integer samples, as a recorder writes them. */
export interface PcmFormat {
	channels: number;
	bits: number;
	rateHz: number;
}

/** Of every frame, but the last one may be shorter. */
export const FRAME_SAMPLES = 4096;

/** Of the size of a sample in the header of a frame (RFC 9639 §9.1.4). */
const BITS_CODES: Record<number, number> = { 8: 1, 16: 4, 24: 6, 32: 7 };
/** The number of samples follows in 16 bits; the rate is that of the STREAMINFO block. */
const SIZE_AND_RATE = 0x70;
/** A subframe of samples as they are (§9.2.1). */
const VERBATIM = 0x02;
const CRC16_BYTES = 2;
/** MD5 of all samples; none: it is not known */
const NO_SUM = new Uint8Array(16);

/** x¹⁶ + x¹⁵ + x² + 1 */
const CRC16 = Uint16Array.from({ length: 256 }, (_, byte) => {
	let crc = byte << 8;
	for (let bit = 0; bit < 8; bit++) crc = crc & 0x8000 ? ((crc << 1) ^ 0x8005) & 0xffff : crc << 1;
	return crc;
});

/** A STREAMINFO block (RFC 9639 §8.2). */
export function flacInfo(
	{ channels, bits, rateHz }: PcmFormat,
	totalSamples: number
): Uint8Array<ArrayBuffer> {
	const high = Math.floor(totalSamples / 0x1_0000_0000);
	const packed = rateHz * 0x1000 + (channels - 1) * 0x200 + (bits - 1) * 0x10 + high;
	const sizes = [...u16(FRAME_SAMPLES), ...u16(FRAME_SAMPLES), ...[0, 0, 0], ...[0, 0, 0]];
	const low = totalSamples % 0x1_0000_0000;
	return Uint8Array.from([...sizes, ...u32(packed), ...u32(low), ...NO_SUM]);
}

/**
 * What goes before all fragments with frames of flac.
 * @param block the STREAMINFO
 */
export function flacInitSegment(block: Uint8Array, format: PcmFormat): Uint8Array<ArrayBuffer> {
	const codec = fullBox('dfLa', 0, 0, [0x80, 0, 0, STREAMINFO_BYTES], block);
	return initSegment(audioSampleEntry('fLaC', format, codec), format.rateHz);
}

/**
 * A frame of flac in which every sample is as it was (RFC 9639 §9).
 * @param number of the frame in its stream
 * @param pcm as in a wav file: channels in turns, the low byte first, 8 bits without a sign
 */
export function verbatimFrame(
	number: number,
	pcm: Uint8Array,
	{ channels, bits }: PcmFormat
): Uint8Array<ArrayBuffer> {
	const sampleBytes = bits / 8;
	const samples = pcm.length / sampleBytes / channels;
	const kind = ((channels - 1) << 4) | ((BITS_CODES[bits] ?? 0) << 1);
	const header = [0xff, 0xf8, SIZE_AND_RATE, kind, ...codedNumber(number), ...u16(samples - 1)];
	const frame = new Uint8Array(header.length + 1 + pcm.length + channels + CRC16_BYTES);
	frame.set(header);
	frame[header.length] = crc8(frame, 0, header.length);
	const sign = bits === 8 ? 0x80 : 0;
	const stepBytes = channels * sampleBytes;
	let at = header.length + 1;
	let crc = crc16(0, frame, at);
	// one loop for all: nothing of it was compiled when the first sound is waited for
	for (let channel = 0; channel < channels; channel++) {
		frame[at++] = VERBATIM;
		crc = ((crc << 8) & 0xffff) ^ (CRC16[(crc >> 8) ^ VERBATIM] ?? 0);
		const first = channel * sampleBytes;
		for (let last = first + sampleBytes - 1; last < pcm.length; last += stepBytes) {
			for (let from = last; from > last - sampleBytes; from--) {
				const byte = (pcm[from] ?? 0) ^ sign;
				frame[at++] = byte;
				crc = ((crc << 8) & 0xffff) ^ (CRC16[(crc >> 8) ^ byte] ?? 0);
			}
		}
	}
	frame.set(u16(crc), at);
	return frame;
}

/** As UTF-8 codes a number, of up to 36 bits. */
function codedNumber(value: number): number[] {
	if (value < 0x80) return [value];
	const bytes: number[] = [];
	let [left, room] = [value, 0x40];
	while (left >= room) {
		bytes.unshift(0x80 | (left % 64));
		left = Math.floor(left / 64);
		room >>= 1;
	}
	return [(0xff & ~(2 * room - 1)) | left, ...bytes];
}

/** Of what follows after what has that sum already. */
function crc16(crc: number, bytes: Uint8Array, end: number): number {
	for (let at = 0; at < end; at++) {
		crc = ((crc << 8) & 0xffff) ^ (CRC16[(crc >> 8) ^ (bytes[at] ?? 0)] ?? 0);
	}
	return crc;
}
