import type { GaplessSource, Piece, Reading } from './gapless-source.ts';
import { concat, type RangeReader } from './ranges.ts';
import { readWavHead, type WavHead } from './wav-head.ts';
import { flacInfo, flacInitSegment, FRAME_SAMPLES, verbatimFrame } from './write-flac.ts';
import { fragment } from './write-fmp4.ts';

/** In one piece: to make it takes the page some milliseconds, and sound begins with the first one. */
const PIECE_FRAMES = 4;

/** A wav file: a browser takes no plain samples, so they are put into frames of flac as they are. */
export class WavSource implements GaplessSource {
	readonly mimeType = 'audio/mp4; codecs="flac"';
	readonly initSegment: Uint8Array<ArrayBuffer>;
	readonly durationSeconds: number;
	readonly #reader: RangeReader;
	readonly #head: WavHead;

	/** @throws NotGapless when it is no wav, or of samples that are no plain integers */
	static async open(reader: RangeReader, signal: AbortSignal): Promise<WavSource> {
		return new WavSource(reader, await readWavHead(reader, signal));
	}

	private constructor(reader: RangeReader, head: WavHead) {
		this.#reader = reader;
		this.#head = head;
		this.initSegment = flacInitSegment(flacInfo(head, head.samples), head);
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
		const { sampleBytes } = this.#head;
		const frameBytes = FRAME_SAMPLES * sampleBytes;
		const frames: Uint8Array[] = [];
		const listed = [];
		for (let from = 0; from < pcm.length; from += frameBytes) {
			const samples = pcm.subarray(from, from + frameBytes);
			const bytes = verbatimFrame(first + frames.length, samples, this.#head);
			frames.push(bytes);
			listed.push({ sizeBytes: bytes.length, duration: samples.length / sampleBytes });
		}
		return {
			bytes: fragment(first * FRAME_SAMPLES, listed, concat(frames)),
			...{ offsetSeconds: 0, endSeconds: this.durationSeconds }
		};
	}
}
