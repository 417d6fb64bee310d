import { type GaplessSource, NotGapless, type Piece, type Reading } from './gapless-source.ts';
import { OggStream } from './ogg-stream.ts';
import type { RangeReader } from './ranges.ts';
import { readVorbisHead, type VorbisHead, vorbisPrivate } from './vorbis-head.ts';
import { type TimedPacket, VorbisTimes } from './vorbis-times.ts';
import { TICKS_PER_SECOND, webmClusters, webmInitSegment } from './write-webm.ts';

const HEADERS = 3;
/** In so many bytes the first page says where it is. */
const FIRST_PAGE_BYTES = 256 * 1024;

let opened = 0;

/** Vorbis in an ogg file: every packet is put into a webm cluster as it is. */
export class VorbisSource implements GaplessSource {
	readonly mimeType = 'audio/webm; codecs="vorbis"';
	readonly initSegment: Uint8Array<ArrayBuffer>;
	readonly durationSeconds: number;
	readonly #stream: OggStream;
	readonly #head: VorbisHead;
	/** what the pages count where the sound of the first packets begins */
	readonly #firstSample: number;

	/** @throws NotGapless when it is another codec, or more than one stream */
	static async open(reader: RangeReader, signal: AbortSignal): Promise<VorbisSource> {
		const stream = await OggStream.open(reader, HEADERS, signal);
		const head = readVorbisHead(stream.headers[0], stream.headers[1]);
		return new VorbisSource(stream, head, await firstSampleOf(stream, head, signal));
	}

	private constructor(stream: OggStream, head: VorbisHead, firstSample: number) {
		this.#stream = stream;
		this.#head = head;
		this.#firstSample = firstSample;
		const { channels, rateHz } = head;
		// a decoder guesses from the packets before: it begins anew where its description differs
		opened += 1;
		const codecPrivate = vorbisPrivate(head, String(opened));
		this.initSegment = webmInitSegment({ codecId: 'A_VORBIS', codecPrivate, channels, rateHz });
		this.durationSeconds = (stream.lastSample - firstSample) / rateHz;
		if (this.durationSeconds <= 0) throw new NotGapless('no length');
	}

	async *piecesFrom(seconds: number, reading: Reading): AsyncGenerator<Piece, void, undefined> {
		const { rateHz, modes } = this.#head;
		const firstSample = this.#firstSample;
		const { lastSample } = this.#stream;
		const end = lastSample - firstSample;
		const wanted = Math.min(Math.floor(Math.max(0, seconds) * rateHz), end - 1);
		// it takes one packet more before the one in which it is
		const needed = wanted > 0 ? wanted - 2 * Math.max(...modes) : 0;
		const place = await this.#stream.placeBefore(
			{ sample: needed + firstSample, firstSample, nearSamples: rateHz / 2 },
			reading.signal
		);
		const begin = { sample: place.sample - firstSample, before: place.before };
		const times = new VorbisTimes(this.#head, begin, end);
		for await (const pages of this.#stream.packetsFrom(place.offset, reading)) {
			const packets: TimedPacket[] = [];
			for (const page of pages) {
				for (const bytes of page.packets) if (!times.isOver) packets.push(...times.take(bytes));
				if (page.granule < 0 || page.granule >= lastSample) continue;
				if (page.granule - firstSample !== times.sample) throw new NotGapless('counted otherwise');
			}
			const kept = packets.filter(({ until }) => until >= needed);
			if (kept.length > 0) yield this.#pieceOf(kept, end);
			if (times.isOver) return;
		}
		// its last page has promised more
		const rest = times.rest();
		if (rest.length > 0) yield this.#pieceOf(rest, times.sample);
	}

	#pieceOf(packets: readonly TimedPacket[], end: number): Piece {
		const { rateHz } = this.#head;
		const ticksAt = (sample: number) => Math.round((sample * TICKS_PER_SECOND) / rateHz);
		const blocks = packets.map(({ from, until, bytes }) => {
			const startTicks = ticksAt(from);
			return { bytes, startTicks, durationTicks: ticksAt(until) - startTicks };
		});
		return { bytes: webmClusters(blocks), offsetSeconds: 0, endSeconds: end / rateHz };
	}
}

/**
 * What the pages count where the sound of the first packets begins: not 0 where somebody has cut a stream.
 * @throws NotGapless where some of that sound is not to be heard, as nobody would leave it out to the sample
 */
async function firstSampleOf(
	stream: OggStream,
	head: VorbisHead,
	signal: AbortSignal
): Promise<number> {
	const times = new VorbisTimes(head, { sample: 0, before: null });
	const reading = { signal, room: () => Promise.resolve(), patience: () => Promise.resolve(false) };
	let sizeBytes = 0;
	for await (const pages of stream.packetsFrom(stream.audioStart, reading)) {
		for (const { packets, granule } of pages) {
			for (const bytes of packets) {
				times.take(bytes);
				sizeBytes += bytes.length;
			}
			if (granule < 0) continue;
			const first = granule - times.sample;
			// of a single page the end is left out, not the beginning
			if (granule === stream.lastSample) return Math.max(0, first);
			if (first < 0) throw new NotGapless('it begins within a packet');
			return first;
		}
		if (sizeBytes > FIRST_PAGE_BYTES) break;
	}
	throw new NotGapless('no page of sound');
}
