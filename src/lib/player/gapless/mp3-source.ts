import { type GaplessSource, NotGapless, type Piece, type Reading } from './gapless-source.ts';
import { mp3FramesIn, type Mp3Place } from './mp3-frames.ts';
import { id3Length, type Mp3Head, readMp3Head } from './mp3-head.ts';
import { concat, type RangeReader } from './ranges.ts';

const LOOK_BYTES = 16 * 1024;
/** No frame in so many bytes: this is something else. */
const GARBAGE_LIMIT_BYTES = 512 * 1024;
/** The padding is within these: they wait until it is known whether they are the last ones. */
const HELD_FRAMES = 4;

/** Every decoder is late by so many samples: 528 of its filters, and one. */
const DECODER_DELAY = 529;

/** Chromium takes that off the timestamps of what it decodes; the others leave it to the page. */
const decoderDelay = (): number => (/Chrome\//.test(navigator.userAgent) ? 0 : DECODER_DELAY);

interface Place {
	frame: number;
	offset: number;
}

/** An mp3, given to the SourceBuffer as it is, without its tags and its encoder's notes. */
export class Mp3Source implements GaplessSource {
	readonly mimeType = 'audio/mpeg';
	readonly initSegment = null;
	durationSeconds: number;
	readonly #head: Mp3Head;
	readonly #reader: RangeReader;
	/** places that were passed, from the beginning on */
	readonly #known: Place[] = [];

	/** @throws NotGapless when it is no mp3 */
	static async open(reader: RangeReader, signal: AbortSignal): Promise<Mp3Source> {
		const skip = id3Length(await reader.read(0, 10, signal));
		const head = readMp3Head(await reader.read(skip, LOOK_BYTES, signal), skip);
		if (!head) throw new NotGapless('no mp3 frame at its beginning');
		const late = head.delaySamples > 0 ? decoderDelay() : 0;
		const delaySamples = head.delaySamples + late;
		const paddingSamples = Math.max(0, head.paddingSamples - late);
		return new Mp3Source(reader, { ...head, delaySamples, paddingSamples });
	}

	private constructor(reader: RangeReader, head: Mp3Head) {
		this.#reader = reader;
		this.#head = head;
		this.#known.push({ frame: 0, offset: head.audioStart });
		const frames = head.frames ?? (reader.sizeBytes - head.audioStart) / this.#frameBytes();
		this.durationSeconds = Math.max(0, this.#secondsAt(frames) - this.#paddingSeconds());
	}

	async *piecesFrom(seconds: number, reading: Reading): AsyncGenerator<Piece, void, undefined> {
		const place = this.#placeOf(seconds);
		let { frame } = place;
		let at = place.offset;
		let left: Uint8Array<ArrayBuffer> = new Uint8Array();
		let isFirst = true;
		for await (const chunk of this.#reader.from(place.offset, reading)) {
			const bytes = left.length > 0 ? concat([left, chunk]) : chunk;
			const isLast = at + bytes.length >= this.#reader.sizeBytes;
			const found = mp3FramesIn(bytes, isLast);
			const taken = isLast ? found : found.slice(0, -HELD_FRAMES);
			if (bytes.length > GARBAGE_LIMIT_BYTES && found.length === 0) {
				throw new NotGapless('no mp3 frames any more');
			}
			const [first] = taken;
			if (isFirst && first) frame = this.#frameAt(place, at + first.start);
			const piece: Piece = { bytes: framesOf(bytes, taken) };
			if (isFirst && first) piece.offsetSeconds = this.#secondsAt(frame);
			if (first) isFirst = false;
			frame += taken.length;
			const end = taken.at(-1)?.end ?? 0;
			at += end;
			left = bytes.slice(end);
			if (place.isExact) this.#remember({ frame, offset: at });
			if (isLast) piece.endSeconds = this.#secondsAt(frame) - this.#paddingSeconds();
			if (piece.bytes.length > 0) yield piece;
		}
	}

	/** Where to begin reading for a position, and whether its number will be known there. */
	#placeOf(seconds: number): Place & { isExact: boolean } {
		const { frame, delaySamples, audioStart, isConstant, seekPoints, audioBytes } = this.#head;
		const heard = Math.max(0, seconds) * frame.sampleRateHz + delaySamples;
		const wanted = Math.floor(heard / frame.samples);
		if (wanted === 0) return { frame: 0, offset: audioStart, isExact: true };
		if (isConstant) {
			const offset = audioStart + Math.max(0, Math.floor(wanted * this.#frameBytes()) - 1);
			return { frame: wanted, offset, isExact: true };
		}
		const passed = this.#known.findLast((known) => known.frame <= wanted);
		if (passed && wanted <= (this.#known.at(-1)?.frame ?? 0)) return { ...passed, isExact: true };
		const ratio = Math.min(1, seconds / (this.durationSeconds || 1));
		const bytes = audioBytes || this.#reader.sizeBytes - audioStart;
		const offset = audioStart + Math.floor(bytes * pointAt(seekPoints, ratio));
		return { frame: wanted, offset, isExact: false };
	}

	/** The number of the frame that was found first, reading from a place. */
	#frameAt(place: Place & { isExact: boolean }, offset: number): number {
		if (!this.#head.isConstant || place.frame === 0) return place.frame;
		return Math.round((offset - this.#head.audioStart) / this.#frameBytes());
	}

	#remember(place: Place): void {
		if (place.frame > (this.#known.at(-1)?.frame ?? 0)) this.#known.push(place);
	}

	/** On average: it is no whole number for every rate. */
	#frameBytes(): number {
		const { frame, frames, audioBytes, audioStart } = this.#head;
		if (!this.#head.isConstant && frames) {
			return (audioBytes || this.#reader.sizeBytes - audioStart) / frames;
		}
		return (frame.samples * frame.bitRate) / 8 / frame.sampleRateHz;
	}

	/** Of the beginning of a frame, since what is to be heard. */
	#secondsAt(frame: number): number {
		const { delaySamples, frame: any } = this.#head;
		return (frame * any.samples - delaySamples) / any.sampleRateHz;
	}

	#paddingSeconds(): number {
		return this.#head.paddingSamples / this.#head.frame.sampleRateHz;
	}
}

function framesOf(bytes: Uint8Array, places: readonly Mp3Place[]): Uint8Array<ArrayBuffer> {
	return concat(places.map(({ start, end }) => bytes.subarray(start, end)));
}

/** How far into the bytes a part of the time is, between two seek points. */
function pointAt(points: Uint8Array | null, ratio: number): number {
	if (!points) return ratio;
	const index = Math.min(99, Math.floor(ratio * 100));
	const from = points[index] ?? 0;
	const to = index + 1 < 100 ? (points[index + 1] ?? 256) : 256;
	return (from + (to - from) * (ratio * 100 - index)) / 256;
}
