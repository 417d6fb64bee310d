import { type GaplessSource, NotGapless, type Piece, type Reading } from './gapless-source.ts';
import { opusSamples } from './ogg-pages.ts';
import { OggStream } from './ogg-stream.ts';
import { concat, type RangeReader } from './ranges.ts';
import {
	audioSampleEntry,
	box,
	fragment,
	initSegment,
	type Mp4Sample,
	u16,
	u32
} from './write-fmp4.ts';

const RATE_HZ = 48_000;
const HEADERS = 2;
const HEAD_BYTES = 19;
/** A decoder needs so much before what is heard (RFC 7845 §4.6). */
const PREROLL_SAMPLES = 3840;

let opened = 0;

interface OpusHead {
	channels: number;
	preSkip: number;
	inputRateHz: number;
	gain: number;
}

/** Opus in an ogg file: every packet is put into an mp4 fragment as it is. */
export class OpusSource implements GaplessSource {
	readonly mimeType = 'audio/mp4; codecs="opus"';
	readonly initSegment: Uint8Array<ArrayBuffer>;
	readonly durationSeconds: number;
	readonly #stream: OggStream;
	readonly #head: OpusHead;

	/** @throws NotGapless when it is another codec, or more than one stream */
	static async open(reader: RangeReader, signal: AbortSignal): Promise<OpusSource> {
		const stream = await OggStream.open(reader, HEADERS, signal);
		return new OpusSource(stream, readHead(stream.headers[0]));
	}

	private constructor(stream: OggStream, head: OpusHead) {
		this.#stream = stream;
		this.#head = head;
		const { channels, inputRateHz, gain } = head;
		// what is skipped is left out by the append window, as with every other kind
		// a decoder guesses from the packets before: it begins anew where its description differs
		opened += 1;
		const codec = box('dOps', [
			...[0, channels, ...u16(opened % 2)],
			...[...u32(inputRateHz), ...u16(gain), 0]
		]);
		const entry = audioSampleEntry('Opus', { channels, bits: 16, rateHz: RATE_HZ }, codec);
		this.initSegment = initSegment(entry, RATE_HZ);
		this.durationSeconds = (stream.lastSample - head.preSkip) / RATE_HZ;
	}

	async *piecesFrom(seconds: number, reading: Reading): AsyncGenerator<Piece, void, undefined> {
		const { preSkip } = this.#head;
		const wanted = Math.max(0, preSkip + Math.floor(seconds * RATE_HZ) - PREROLL_SAMPLES);
		const where = { sample: seconds > 0 ? wanted : 0, firstSample: 0, nearSamples: RATE_HZ / 2 };
		const place = await this.#stream.placeBefore(where, reading.signal);
		let { sample } = place;
		for await (const pages of this.#stream.packetsFrom(place.offset, reading)) {
			const packets = pages.flatMap((page) => page.packets);
			const samples = packets.map(sampleOf);
			if (samples.length === 0) continue;
			yield {
				bytes: fragment(sample, samples, concat(packets)),
				...{ offsetSeconds: -preSkip / RATE_HZ, endSeconds: this.durationSeconds }
			};
			sample += samples.reduce((sum, { duration }) => sum + duration, 0);
		}
	}
}

/** RFC 7845 §5.1 */
function readHead(bytes: Uint8Array<ArrayBuffer> = new Uint8Array()): OpusHead {
	const isOpus = String.fromCharCode(...bytes.subarray(0, 8)) === 'OpusHead';
	if (!isOpus || bytes.length < HEAD_BYTES) throw new NotGapless('no opus');
	const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
	const channels = view.getUint8(9);
	if (view.getUint8(18) !== 0 || channels > 2) throw new NotGapless('more than stereo');
	return {
		channels,
		preSkip: view.getUint16(10, true),
		inputRateHz: view.getUint32(12, true),
		gain: view.getUint16(16, true)
	};
}

function sampleOf(packet: Uint8Array): Mp4Sample {
	const duration = opusSamples(packet);
	if (duration === 0) throw new NotGapless('a packet without sound');
	return { duration, sizeBytes: packet.length };
}
