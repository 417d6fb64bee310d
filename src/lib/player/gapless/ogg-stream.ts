import { HEAD_BYTES } from './ask-range.ts';
import { NotGapless, type Reading } from './gapless-source.ts';
import { nextOggPage, oggHeaderAt, type OggPage, oggPageAt, packetsOf } from './ogg-pages.ts';
import { concat, type RangeReader } from './ranges.ts';

const PAGE_HEADER_BYTES = 27 + 255;
/** More than the largest page. */
const TAIL_BYTES = 80 * 1024;
const PROBE_BYTES = 128 * 1024;
/** A place so near before the wanted one is near enough: the rest is read over. */
const NEAR_BYTES = 128 * 1024;
const PROBES = 12;
/** Of headers: comments may hold a picture. */
const LOOK_BYTES = 256 * 1024;
const HEADER_PAGES = 1024;
/** Of one packet. */
const PACKET_LIMIT_BYTES = 1024 * 1024;
const COMMENTS = 1;

/** The packets that end in one page. */
export interface OggPackets {
	packets: Uint8Array[];
	/** as in its header */
	granule: number;
}

/** Where a page begins, and with it a packet. */
export interface OggPlace {
	offset: number;
	/** samples of sound up to there, as the pages count them */
	sample: number;
	/** the first byte of the packet that ends there; null: sound begins there */
	before: number | null;
}

/** What is wanted of a stream, in samples as its pages count them. */
interface Wanted {
	sample: number;
	/** where the stream begins */
	firstSample: number;
	/** so near before is near enough */
	nearSamples: number;
}

/** The one stream of an ogg file. */
export class OggStream {
	/** its first packets, without the comments */
	readonly headers: readonly Uint8Array<ArrayBuffer>[];
	readonly audioStart: number;
	/** the number of samples its last page tells */
	readonly lastSample: number;
	readonly #reader: RangeReader;
	readonly #serial: number;

	/**
	 * @param headers so many packets go before the sound; the second one has the comments
	 * @throws NotGapless when there is no such stream, or more than one
	 */
	static async open(reader: RangeReader, headers: number, signal: AbortSignal): Promise<OggStream> {
		const head = await readHeaders(reader, headers, signal);
		const tailAt = Math.max(head.audioStart, reader.sizeBytes - TAIL_BYTES);
		const tail = await reader.read(tailAt, TAIL_BYTES, signal);
		let last: OggPage | null = null;
		for (let page = nextOggPage(tail, 0); page; page = nextOggPage(tail, page.end)) {
			if (page.serial !== head.serial) throw new NotGapless('several streams');
			if (page.granule > 0) last = page;
		}
		if (!last) throw new NotGapless('no length');
		return new OggStream(reader, { ...head, lastSample: last.granule });
	}

	private constructor(reader: RangeReader, head: OggHead & { lastSample: number }) {
		this.#reader = reader;
		this.#serial = head.serial;
		this.headers = head.headers;
		this.audioStart = head.audioStart;
		this.lastSample = head.lastSample;
	}

	/** All packets from a place on, as they arrive. */
	async *packetsFrom(
		offset: number,
		reading: Reading
	): AsyncGenerator<OggPackets[], void, undefined> {
		let left: Uint8Array<ArrayBuffer> = new Uint8Array();
		let begun: Uint8Array[] = [];
		for await (const chunk of this.#reader.from(offset, reading)) {
			const bytes = concat([left, chunk]);
			const found: OggPackets[] = [];
			let end = 0;
			for (let page = oggPageAt(bytes, 0); page; page = oggPageAt(bytes, end)) {
				if (page.serial !== this.#serial) throw new NotGapless('several streams');
				if (page.isContinued !== begun.length > 0) throw new NotGapless('a page is missing');
				end = page.end;
				const { packets, begun: rest } = packetsOf(bytes, page, begun);
				found.push({ packets: packets.map(whole), granule: page.granule });
				// the bytes of this page go with this chunk
				begun = rest.map((part) => part.slice());
			}
			left = bytes.slice(end);
			if (left.length > TAIL_BYTES) throw new NotGapless('no pages any more');
			if (sizeOf(begun) > PACKET_LIMIT_BYTES) throw new NotGapless('a packet without an end');
			yield found;
		}
	}

	/** A place at or before a sample, near enough to read on from it; it is looked for by halves. */
	async placeBefore(
		{ sample: wanted, firstSample, nearSamples }: Wanted,
		signal: AbortSignal
	): Promise<OggPlace> {
		let low: OggPlace = { offset: this.audioStart, sample: firstSample, before: null };
		let high = { offset: this.#reader.sizeBytes, sample: this.lastSample };
		for (let i = 0; i < PROBES && high.offset - low.offset > NEAR_BYTES; i++) {
			if (wanted - low.sample < nearSamples) break;
			const part = Math.min(1, (wanted - low.sample) / (high.sample - low.sample));
			const guess = low.offset + part * (high.offset - low.offset) - NEAR_BYTES / 2;
			const offset = Math.floor(Math.max(low.offset, guess));
			const place = this.#placeIn(await this.#reader.read(offset, PROBE_BYTES, signal), offset);
			if (!place || place.sample > wanted) high = { offset, sample: place?.sample ?? high.sample };
			else if (place.offset <= low.offset) break;
			else low = place;
		}
		return low;
	}

	/** The end of the first whole page is where the next one begins. */
	#placeIn(bytes: Uint8Array, offset: number): OggPlace | null {
		for (let page = nextOggPage(bytes, 0); page; page = nextOggPage(bytes, page.end)) {
			if (page.serial !== this.#serial || page.granule < 0) continue;
			if (page.lacing.at(-1) === 255) continue;
			const { packets } = packetsOf(bytes, page, []);
			// the first byte of one that began before is not here
			if (packets.length < (page.isContinued ? 2 : 1)) continue;
			const before = packets.at(-1)?.[0]?.[0] ?? null;
			return { offset: offset + page.end, sample: page.granule, before };
		}
		return null;
	}
}

interface OggHead {
	serial: number;
	headers: Uint8Array<ArrayBuffer>[];
	audioStart: number;
}

async function readHeaders(
	reader: RangeReader,
	count: number,
	signal: AbortSignal
): Promise<OggHead> {
	const found: Uint8Array<ArrayBuffer>[] = [];
	const bytesAt = lookingInto(reader, signal);
	let serial: number | undefined;
	let begun: Uint8Array[] = [];
	let at = 0;
	for (let pages = 0; found.length < count; pages++) {
		const header = oggHeaderAt(await bytesAt(at, PAGE_HEADER_BYTES), 0);
		if (!header || pages > HEADER_PAGES) throw new NotGapless('no ogg');
		serial ??= header.serial;
		if (header.serial !== serial) throw new NotGapless('several streams');
		const bytes = await bytesAt(at, header.end);
		const page = oggPageAt(bytes, 0);
		if (!page) throw new NotGapless('an ogg without sound');
		const { packets, begun: rest } = packetsOf(bytes, page, begun);
		found.push(...packets.map((parts) => concat(parts)));
		// a picture is not gathered
		begun = found.length === COMMENTS ? [] : rest.map((part) => part.slice());
		if (sizeOf(begun) > PACKET_LIMIT_BYTES) throw new NotGapless('a header without an end');
		at += header.end;
	}
	if (serial === undefined || found.length > count || begun.length > 0) {
		throw new NotGapless('sound among the headers');
	}
	return { serial, headers: found.filter((_, index) => index !== COMMENTS), audioStart: at };
}

/** Reads small stretches that follow each other, and asks for large ones. */
function lookingInto(reader: RangeReader, signal: AbortSignal) {
	let [from, bytes] = [0, new Uint8Array()];
	return async (at: number, length: number): Promise<Uint8Array> => {
		if (at + length > from + bytes.length) {
			// the first ones are there already
			const isFirst = at + length <= HEAD_BYTES;
			from = isFirst ? 0 : at;
			bytes = await reader.read(from, isFirst ? HEAD_BYTES : LOOK_BYTES, signal);
		}
		return bytes.subarray(at - from, at - from + length);
	};
}

/** Most packets are in one page. */
const whole = (parts: readonly Uint8Array[]): Uint8Array =>
	(parts.length === 1 ? parts[0] : undefined) ?? concat(parts);

const sizeOf = (parts: readonly Uint8Array[]): number =>
	parts.reduce((sum, { length }) => sum + length, 0);
