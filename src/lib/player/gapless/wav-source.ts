import { INTEGER_BITS, integersOf } from './float-samples.ts';
import { type GaplessSource, NotGapless, type Piece, type Reading } from './gapless-source.ts';
import { concat, type RangeReader } from './ranges.ts';
import { readWavHead, type WavHead } from './wav-head.ts';
import {
	flacInfo,
	flacInitSegment,
	FRAME_SAMPLES,
	type PcmFormat,
	verbatimFrame
} from './write-flac.ts';
import { fragment } from './write-fmp4.ts';

/** In one piece: to make it takes the page some milliseconds, and sound begins with the first one. */
const PIECE_FRAMES = 4;

/** Full scale, the loudest an integer can be. */
const FULL_SCALE_DBTP = 0;

/**
 * A wav file: a browser takes no plain samples, so they are put into frames of flac as they are, floats as
 * integers.
 */
export class WavSource implements GaplessSource {
	readonly mimeType = 'audio/mp4; codecs="flac"';
	readonly initSegment: Uint8Array<ArrayBuffer>;
	readonly durationSeconds: number;
	readonly #reader: RangeReader;
	readonly #head: WavHead;
	/** of what is in the frames */
	readonly #format: PcmFormat;

	/**
	 * @param truePeakDbtp of the file; Infinity: nobody knows
	 * @throws NotGapless when it is no wav, or of samples that are no plain numbers, and when floats may go
	 *   over full scale: a browser plays them whole at less than full volume, where an integer is cut off
	 */
	static async open(
		reader: RangeReader,
		signal: AbortSignal,
		truePeakDbtp = Infinity
	): Promise<WavSource> {
		const head = await readWavHead(reader, signal);
		if (head.isFloat && truePeakDbtp > FULL_SCALE_DBTP) {
			throw new NotGapless(`floats of up to ${truePeakDbtp} dBTP`);
		}
		return new WavSource(reader, head);
	}

	private constructor(reader: RangeReader, head: WavHead) {
		this.#reader = reader;
		this.#head = head;
		this.#format = head.isFloat ? { ...head, bits: INTEGER_BITS } : head;
		this.initSegment = flacInitSegment(flacInfo(this.#format, head.samples), this.#format);
		this.durationSeconds = head.samples / head.rateHz;
	}

	async *piecesFrom(seconds: number, reading: Reading): AsyncGenerator<Piece, void, undefined> {
		const { rateHz, samples, sampleBytes, audioStart } = this.#head;
		const frameBytes = FRAME_SAMPLES * sampleBytes;
		const audioEnd = audioStart + samples * sampleBytes;
		const wanted = Math.min(Math.floor(Math.max(0, seconds) * rateHz), samples - 1);
		let at = audioStart + Math.floor(wanted / FRAME_SAMPLES) * frameBytes;
		let left: Uint8Array<ArrayBuffer> = new Uint8Array();
		for await (const chunk of this.#reader.from(at, reading)) {
			const bytes = concat([left, chunk]).subarray(0, audioEnd - at);
			const isLast = at + bytes.length >= audioEnd;
			const end = isLast ? bytes.length : bytes.length - (bytes.length % frameBytes);
			for (let from = 0; from < end; from += PIECE_FRAMES * frameBytes) {
				const until = Math.min(end, from + PIECE_FRAMES * frameBytes);
				yield this.#pieceOf((at + from - audioStart) / frameBytes, bytes.subarray(from, until));
			}
			if (isLast) return;
			at += end;
			left = bytes.slice(end);
		}
	}

	/** @param first the number of the frame these samples begin with */
	#pieceOf(first: number, pcm: Uint8Array): Piece {
		const { sampleBytes, isFloat, bits } = this.#head;
		const frameBytes = FRAME_SAMPLES * sampleBytes;
		const frames: Uint8Array[] = [];
		const listed = [];
		for (let from = 0; from < pcm.length; from += frameBytes) {
			const samples = pcm.subarray(from, from + frameBytes);
			const integers = isFloat ? integersOf(samples, bits) : samples;
			const bytes = verbatimFrame(first + frames.length, integers, this.#format);
			frames.push(bytes);
			listed.push({ sizeBytes: bytes.length, duration: samples.length / sampleBytes });
		}
		return {
			bytes: fragment(first * FRAME_SAMPLES, listed, concat(frames)),
			...{ offsetSeconds: 0, endSeconds: this.durationSeconds }
		};
	}
}
