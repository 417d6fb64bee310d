import { type GaplessSource, NotGapless, type Piece, type Reading } from './gapless-source.ts';
import { boxAt, type Mp4Track, readMp4Track } from './mp4-tables.ts';
import { concat, type RangeReader } from './ranges.ts';
import { fragment, initSegment, type Mp4Sample } from './write-fmp4.ts';

const MOOV_LIMIT_BYTES = 32 * 1024 * 1024;
const BOXES_LIMIT = 64;

/** AAC in an mp4: the same frames, put into fragments. */
export class M4aSource implements GaplessSource {
	readonly mimeType: string;
	readonly initSegment: Uint8Array<ArrayBuffer>;
	readonly durationSeconds: number;
	readonly #reader: RangeReader;
	readonly #track: Mp4Track;

	/** @throws NotGapless when there is no AAC in it, or its tables are not understood */
	static async open(reader: RangeReader, signal: AbortSignal): Promise<M4aSource> {
		let at = 0;
		for (let i = 0; i < BOXES_LIMIT; i++) {
			const header = await reader.read(at, 16, signal);
			const box = boxAt(header, 0, reader.sizeBytes - at);
			if (!box) break;
			if (box.type === 'moov' && box.end <= MOOV_LIMIT_BYTES) {
				return new M4aSource(reader, readMp4Track(await reader.read(at, box.end, signal)));
			}
			at += box.end;
		}
		throw new NotGapless('no tables');
	}

	private constructor(reader: RangeReader, track: Mp4Track) {
		this.#reader = reader;
		this.#track = track;
		const { sampleEntry, timescale, heardTicks } = track;
		this.mimeType = `audio/mp4; codecs="${codecOf(sampleEntry)}"`;
		this.initSegment = initSegment(sampleEntry, timescale);
		this.durationSeconds = heardTicks / timescale;
	}

	async *piecesFrom(seconds: number, reading: Reading): AsyncGenerator<Piece, void, undefined> {
		const { timescale, offsets, sizes, starts, heardFrom } = this.#track;
		const wanted = heardFrom + Math.max(0, seconds) * timescale;
		// a last frame that is said to be shorter is decoded to its whole length all the same
		const duration = starts[1] ?? 0;
		const after = starts.findIndex((start) => start > wanted);
		// without the one that is heard before it the first one fades in
		let index = Math.max(0, (after < 0 ? sizes.length : after) - 2);
		if (seconds === 0) index = 0;
		let at = offsets[index] ?? 0;
		let left: Uint8Array<ArrayBuffer> = new Uint8Array();
		for await (const chunk of this.#reader.from(at, reading)) {
			const bytes = concat([left, chunk]);
			const first = index;
			const samples: Mp4Sample[] = [];
			const parts: Uint8Array[] = [];
			for (; index < sizes.length; index++) {
				const from = (offsets[index] ?? 0) - at;
				const sizeBytes = sizes[index] ?? 0;
				if (from + sizeBytes > bytes.length) break;
				parts.push(bytes.subarray(from, from + sizeBytes));
				samples.push({ sizeBytes, duration });
			}
			if (samples.length > 0) {
				yield {
					bytes: fragment(starts[first] ?? 0, samples, concat(parts)),
					...{ offsetSeconds: -heardFrom / timescale, endSeconds: this.durationSeconds }
				};
			}
			if (index >= sizes.length) return;
			const used = Math.min(bytes.length, (offsets[index] ?? 0) - at);
			at += used;
			left = bytes.slice(used);
		}
	}
}

/** RFC 6381, of an entry with an `esds` box (ISO 14496-1 §7.2.6). */
function codecOf(entry: Uint8Array): string {
	const isPlain = entry[17] === 0;
	const esds = isPlain ? boxAt(entry, 36) : null;
	const type = String.fromCharCode(...entry.subarray(4, 8));
	if (type !== 'mp4a' || esds?.type !== 'esds') throw new NotGapless(`no plain aac: ${type}`);
	let at = esds.start + 4;
	/** Goes into a descriptor. */
	const enter = (tag: number) => {
		if (entry[at] !== tag) throw new NotGapless('an unknown description');
		at += 1;
		while ((entry[at] ?? 0) >= 0x80) at += 1;
		at += 1;
	};
	enter(3);
	if (entry[at + 2] !== 0) throw new NotGapless('depends on another stream');
	at += 3;
	enter(4);
	const objectType = entry[at];
	at += 13;
	enter(5);
	const audioType = (entry[at] ?? 0) >> 3;
	if (objectType !== 0x40 || (audioType !== 2 && audioType !== 5)) throw new NotGapless('no aac');
	return `mp4a.40.${audioType}`;
}
