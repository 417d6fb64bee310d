import { type GaplessSource, NotGapless, type Piece, type Reading } from './gapless-source.ts';
import { nextOggPage, type OggPage, oggPageAt, opusSamples, packetsOf } from './ogg-pages.ts';
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
const PROBE_BYTES = 64 * 1024;
/** More than the largest page. */
const TAIL_BYTES = 80 * 1024;
const NEAR_BYTES = 128 * 1024;
const PROBES = 12;
/** A decoder needs so much before what is heard (RFC 7845 §4.6). */
const PREROLL_SAMPLES = 3840;

let opened = 0;

interface Place {
	offset: number;
	/** where the packets of this place begin; it counts the pre-skip */
	sample: number;
}

interface OpusHead {
	channels: number;
	preSkip: number;
	inputRateHz: number;
	gain: number;
	serial: number;
	audioStart: number;
}

/** Opus in an ogg file: every packet is put into an mp4 fragment as it is. */
export class OpusSource implements GaplessSource {
	readonly mimeType = 'audio/mp4; codecs="opus"';
	readonly initSegment: Uint8Array<ArrayBuffer>;
	readonly durationSeconds: number;
	readonly #reader: RangeReader;
	readonly #head: OpusHead;
	readonly #lastSample: number;

	/** @throws NotGapless when it is another codec, or more than one stream */
	static async open(reader: RangeReader, signal: AbortSignal): Promise<OpusSource> {
		const first = oggPageAt(await reader.read(0, PROBE_BYTES, signal), 0);
		if (!first) throw new NotGapless('no ogg');
		const head = readHead(await reader.read(first.bodyStart, 19, signal), first);
		let at = first.end;
		// the comments, which may hold a picture
		for (let isOver = false; !isOver;) {
			const page = oggPageAt(await reader.read(at, PROBE_BYTES + 255, signal), 0);
			if (page?.serial !== first.serial) throw new NotGapless('several streams');
			at += page.end;
			isOver = page.lacing.at(-1) !== 255;
		}
		const tailAt = Math.max(at, reader.sizeBytes - TAIL_BYTES);
		const tail = await reader.read(tailAt, TAIL_BYTES, signal);
		let last: OggPage | null = null;
		for (let page = nextOggPage(tail, 0); page; page = nextOggPage(tail, page.end)) {
			if (page.serial !== first.serial) throw new NotGapless('several streams');
			if (page.granule > 0) last = page;
		}
		if (!last) throw new NotGapless('no length');
		return new OpusSource(reader, { ...head, audioStart: at }, last.granule);
	}

	private constructor(reader: RangeReader, head: OpusHead, lastSample: number) {
		this.#reader = reader;
		this.#head = head;
		this.#lastSample = lastSample;
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
		this.durationSeconds = (lastSample - head.preSkip) / RATE_HZ;
	}

	async *piecesFrom(seconds: number, reading: Reading): AsyncGenerator<Piece, void, undefined> {
		const { preSkip } = this.#head;
		const wanted = Math.max(0, preSkip + Math.floor(seconds * RATE_HZ) - PREROLL_SAMPLES);
		const place = await this.#placeOf(seconds > 0 ? wanted : 0, reading.signal);
		let { sample } = place;
		let left: Uint8Array<ArrayBuffer> = new Uint8Array();
		let begun: Uint8Array[] = [];
		for await (const chunk of this.#reader.from(place.offset, reading)) {
			const bytes = concat([left, chunk]);
			const found: Uint8Array[] = [];
			let end = 0;
			for (let page = oggPageAt(bytes, 0); page; page = oggPageAt(bytes, end)) {
				end = page.end;
				const packets = packetsOf(bytes, page, begun);
				found.push(...packets.packets.map((parts) => concat(parts)));
				// the bytes of this page go with this chunk
				begun = packets.begun.map((part) => part.slice());
			}
			left = bytes.slice(end);
			if (left.length > TAIL_BYTES) throw new NotGapless('no pages any more');
			const samples = found.map(sampleOf);
			if (samples.length === 0) continue;
			yield {
				bytes: fragment(sample, samples, concat(found)),
				...{ offsetSeconds: -preSkip / RATE_HZ, endSeconds: this.durationSeconds }
			};
			sample += samples.reduce((sum, { duration }) => sum + duration, 0);
		}
	}

	/** Where a page begins with a packet at or before a sample; it is looked for by halves. */
	async #placeOf(wanted: number, signal: AbortSignal): Promise<Place> {
		let low: Place = { offset: this.#head.audioStart, sample: 0 };
		let high: Place = { offset: this.#reader.sizeBytes, sample: this.#lastSample };
		for (let i = 0; i < PROBES && high.offset - low.offset > NEAR_BYTES; i++) {
			const part = (wanted - low.sample) / (high.sample - low.sample);
			const guess = low.offset + part * (high.offset - low.offset) - NEAR_BYTES / 2;
			const offset = Math.floor(Math.max(low.offset, guess));
			const place = this.#placeIn(await this.#reader.read(offset, PROBE_BYTES * 2, signal), offset);
			if (place.sample > wanted) high = { offset, sample: place.sample };
			else if (place.offset <= low.offset) break;
			else low = place;
			if (wanted - low.sample < RATE_HZ / 2) break;
		}
		return low;
	}

	/** The end of the first whole page is where the next one begins. */
	#placeIn(bytes: Uint8Array, offset: number): Place {
		for (let page = nextOggPage(bytes, 0); page; page = nextOggPage(bytes, page.end)) {
			if (page.serial !== this.#head.serial || page.granule < 0) continue;
			if (page.lacing.at(-1) === 255) continue;
			return { offset: offset + page.end, sample: page.granule };
		}
		throw new NotGapless('no page where one should be');
	}
}

/** RFC 7845 §5.1 */
function readHead(bytes: Uint8Array<ArrayBuffer>, { serial }: OggPage): OpusHead {
	if (String.fromCharCode(...bytes.subarray(0, 8)) !== 'OpusHead') throw new NotGapless('no opus');
	const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
	const channels = view.getUint8(9);
	if (view.getUint8(18) !== 0 || channels > 2) throw new NotGapless('more than stereo');
	return {
		...{ channels, serial, audioStart: 0 },
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
