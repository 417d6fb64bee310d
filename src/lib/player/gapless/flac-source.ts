import {
	type FlacFrame,
	flacFrameAt,
	type FlacInfo,
	readFlacInfo,
	STREAMINFO_BYTES
} from './flac-frames.ts';
import { type GaplessSource, NotGapless, type Piece, type Reading } from './gapless-source.ts';
import { id3Length } from './mp3-head.ts';
import { concat, type RangeReader } from './ranges.ts';
import { flacInitSegment } from './write-flac.ts';
import { fragment, type Mp4Sample } from './write-fmp4.ts';

const PROBE_BYTES = 64 * 1024;
/** A place so near before the wanted one is near enough: the rest is read over. */
const NEAR_BYTES = 128 * 1024;
const PROBES = 12;
const GARBAGE_LIMIT_BYTES = 4 * 1024 * 1024;

interface Place {
	offset: number;
	sample: number;
}

/** A flac file: every frame is put into an mp4 fragment as it is. */
export class FlacSource implements GaplessSource {
	readonly mimeType = 'audio/mp4; codecs="flac"';
	readonly initSegment: Uint8Array<ArrayBuffer>;
	readonly durationSeconds: number;
	readonly #reader: RangeReader;
	readonly #info: FlacInfo;
	readonly #audioStart: number;

	/** @throws NotGapless when it is no flac, or does not say how long it is */
	static async open(reader: RangeReader, signal: AbortSignal): Promise<FlacSource> {
		let at = id3Length(await reader.read(0, 10, signal));
		const mark = await reader.read(at, 8 + STREAMINFO_BYTES, signal);
		if (String.fromCharCode(...mark.subarray(0, 4)) !== 'fLaC') throw new NotGapless('no flac');
		const info = readFlacInfo(mark.slice(8));
		if (info.totalSamples === 0 || info.sampleRateHz === 0) throw new NotGapless('no length');
		at += 4;
		for (let isLast = false; !isLast;) {
			const header = await reader.read(at, 4, signal);
			const [first = 0x80, high = 0, middle = 0, low = 0] = header;
			isLast = first >= 0x80;
			at += 4 + high * 0x1_0000 + middle * 0x100 + low;
		}
		return new FlacSource(reader, info, at);
	}

	private constructor(reader: RangeReader, info: FlacInfo, audioStart: number) {
		this.#reader = reader;
		this.#info = info;
		this.#audioStart = audioStart;
		const { sampleRateHz: rateHz, channels, bits, totalSamples, block } = info;
		this.initSegment = flacInitSegment(block, { channels, bits, rateHz });
		this.durationSeconds = totalSamples / rateHz;
	}

	async *piecesFrom(seconds: number, reading: Reading): AsyncGenerator<Piece, void, undefined> {
		const { sampleRateHz, totalSamples } = this.#info;
		const wanted = Math.min(Math.floor(Math.max(0, seconds) * sampleRateHz), totalSamples - 1);
		const place = await this.#placeOf(wanted, reading.signal);
		let at = place.offset;
		let left: Uint8Array<ArrayBuffer> = new Uint8Array();
		for await (const chunk of this.#reader.from(place.offset, reading)) {
			const bytes = concat([left, chunk]);
			const isLast = at + bytes.length >= this.#reader.sizeBytes;
			const { frames, end } = this.#framesIn(bytes, isLast);
			if (end === 0 && bytes.length > GARBAGE_LIMIT_BYTES) throw new NotGapless('no frames');
			at += end;
			left = bytes.slice(end);
			const kept = frames.filter(({ startsAt, samples }) => startsAt + samples > wanted);
			const [first] = kept;
			if (!first) continue;
			yield {
				bytes: fragment(first.startsAt, kept.map(sampleOf), bytes.subarray(first.from, end)),
				...{ offsetSeconds: 0, endSeconds: this.durationSeconds }
			};
		}
	}

	/** All whole frames: one ends where the next one begins. */
	#framesIn(bytes: Uint8Array, isLast: boolean) {
		const frames: (FlacFrame & { from: number; sizeBytes: number })[] = [];
		let open = this.#findFrame(bytes, 0, null);
		while (open) {
			const next = this.#findFrame(bytes, open.from + 2, open.startsAt + open.samples);
			if (!next && !isLast) break;
			const end: number = next?.from ?? bytes.length;
			frames.push({ ...open, sizeBytes: end - open.from });
			open = next;
		}
		const last = frames.at(-1);
		return { frames, end: last ? last.from + last.sizeBytes : 0 };
	}

	/** The next frame from a byte on, of any number or with the one that is to follow. */
	#findFrame(bytes: Uint8Array, from: number, startsAt: number | null) {
		for (let at = bytes.indexOf(0xff, from); at >= 0; at = bytes.indexOf(0xff, at + 1)) {
			const frame = flacFrameAt(bytes, at, this.#info);
			const isWanted = startsAt === null || frame?.startsAt === startsAt;
			if (frame && isWanted) return { ...frame, from: at };
		}
		return null;
	}

	/** A frame at or before a sample, near enough to read on from it; it is looked for by halves. */
	async #placeOf(wanted: number, signal: AbortSignal): Promise<Place> {
		let low: Place = { offset: this.#audioStart, sample: 0 };
		let high: Place = { offset: this.#reader.sizeBytes, sample: this.#info.totalSamples };
		for (let i = 0; i < PROBES && high.offset - low.offset > NEAR_BYTES; i++) {
			const part = (wanted - low.sample) / (high.sample - low.sample);
			const guess = low.offset + part * (high.offset - low.offset) - NEAR_BYTES / 2;
			const offset = Math.floor(Math.max(low.offset, guess));
			const bytes = await this.#reader.read(offset, PROBE_BYTES, signal);
			const found = this.#proven(bytes);
			if (!found) throw new NotGapless('no frame where one should be');
			const place = { offset: offset + found.from, sample: found.startsAt };
			if (place.sample > wanted) high = { offset, sample: place.sample };
			else if (place.offset === low.offset) break;
			else low = place;
			if (wanted - low.sample < this.#info.sampleRateHz / 2) break;
		}
		return low;
	}

	/** The first frame of some bytes that another one follows: four bytes may look like one by chance. */
	#proven(bytes: Uint8Array) {
		for (let from = 0; ;) {
			const frame = this.#findFrame(bytes, from, null);
			if (!frame) return null;
			if (this.#findFrame(bytes, frame.from + 2, frame.startsAt + frame.samples)) return frame;
			from = frame.from + 1;
		}
	}
}

const sampleOf = ({ samples, sizeBytes }: FlacFrame & { sizeBytes: number }): Mp4Sample => ({
	...{ duration: samples, sizeBytes }
});
