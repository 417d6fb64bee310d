import { concat } from './ranges.ts';

/** One packet of sound. */
export interface WebmBlock {
	startTicks: number;
	durationTicks: number;
	bytes: Uint8Array;
}

/** A kind of sound, as matroska names it. */
export interface WebmTrack {
	codecId: string;
	codecPrivate: Uint8Array;
	channels: number;
	rateHz: number;
}

/** Of all times: far less than a sample, so that where a track ends is told to the sample. */
export const TICKS_PER_SECOND = 1_000_000;
const TICK_NS = 1e9 / TICKS_PER_SECOND;
/** A block tells its time since that of its cluster in 16 bits. */
const CLUSTER_TICKS = 0x7fff;

const AUDIO = 2;
const TRACK_NUMBER = 1;
const KEPT_OPEN = [0x01, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff];

/** RFC 8794 and 9559 */
const Id = {
	ebml: 0x1a45dfa3,
	docType: 0x4282,
	docTypeVersion: 0x4287,
	docTypeReadVersion: 0x4285,
	segment: 0x18538067,
	info: 0x1549a966,
	timestampScale: 0x2ad7b1,
	muxingApp: 0x4d80,
	writingApp: 0x5741,
	tracks: 0x1654ae6b,
	trackEntry: 0xae,
	trackNumber: 0xd7,
	trackUid: 0x73c5,
	trackType: 0x83,
	codecId: 0x86,
	codecPrivate: 0x63a2,
	audio: 0xe1,
	samplingFrequency: 0xb5,
	channels: 0x9f,
	cluster: 0x1f43b675,
	timestamp: 0xe7,
	blockGroup: 0xa0,
	block: 0xa1,
	blockDuration: 0x9b
} as const;

const encoder = new TextEncoder();
const APP = encoder.encode('plyr.fm');

/** The bytes of a number, the high one first, and none that say nothing. */
function bytesOf(value: number): number[] {
	const bytes: number[] = [];
	for (let left = value; left > 0 || bytes.length === 0; left = Math.floor(left / 256)) {
		bytes.unshift(left % 256);
	}
	return bytes;
}

/** In one byte, two or four, of which the first bits say how many. */
function sizeBytes(size: number): number[] {
	if (size < 0x7f) return [0x80 + size];
	return size < 0x3fff ? bytesOf(0x4000 + size) : bytesOf(0x1000_0000 + size);
}

function element(id: number, ...content: (Uint8Array | number[])[]): Uint8Array<ArrayBuffer> {
	const body = content.map((part) => (part instanceof Uint8Array ? part : Uint8Array.from(part)));
	const size = body.reduce((sum, part) => sum + part.length, 0);
	return concat([Uint8Array.from([...bytesOf(id), ...sizeBytes(size)]), ...body]);
}

const numberElement = (id: number, value: number) => element(id, bytesOf(value));

/** What goes before all clusters of one track: no sound, only what it is. */
export function webmInitSegment(track: WebmTrack): Uint8Array<ArrayBuffer> {
	const { codecId, codecPrivate, channels, rateHz } = track;
	const head = element(
		Id.ebml,
		element(Id.docType, encoder.encode('webm')),
		numberElement(Id.docTypeVersion, 4),
		numberElement(Id.docTypeReadVersion, 2)
	);
	const scale = numberElement(Id.timestampScale, TICK_NS);
	const info = element(Id.info, scale, element(Id.muxingApp, APP), element(Id.writingApp, APP));
	const rate = new Uint8Array(8);
	new DataView(rate.buffer).setFloat64(0, rateHz);
	const entry = element(
		Id.trackEntry,
		numberElement(Id.trackNumber, TRACK_NUMBER),
		numberElement(Id.trackUid, TRACK_NUMBER),
		numberElement(Id.trackType, AUDIO),
		element(Id.codecId, encoder.encode(codecId)),
		element(Id.codecPrivate, codecPrivate),
		element(Id.audio, element(Id.samplingFrequency, rate), numberElement(Id.channels, channels))
	);
	const segment = Uint8Array.from([...bytesOf(Id.segment), ...KEPT_OPEN]);
	return concat([head, segment, info, element(Id.tracks, entry)]);
}

/**
 * Packets in their order, ready to be appended. Each tells its own duration: a browser guesses that of
 * the last one of a cluster.
 */
export function webmClusters(blocks: readonly WebmBlock[]): Uint8Array<ArrayBuffer> {
	const clusters: Uint8Array[] = [];
	for (let from = 0; from < blocks.length;) {
		const clusterTicks = blocks[from]?.startTicks ?? 0;
		const after = blocks.findIndex(
			({ startTicks }, index) => index > from && startTicks - clusterTicks > CLUSTER_TICKS
		);
		const end = after < 0 ? blocks.length : after;
		const groups = blocks.slice(from, end).map((block) => blockGroup(block, clusterTicks));
		clusters.push(element(Id.cluster, numberElement(Id.timestamp, clusterTicks), ...groups));
		from = end;
	}
	return concat(clusters);
}

function blockGroup({ startTicks, durationTicks, bytes }: WebmBlock, clusterTicks: number) {
	const sinceTicks = startTicks - clusterTicks;
	const header = [0x80 + TRACK_NUMBER, sinceTicks >> 8, sinceTicks & 0xff, 0];
	return element(
		Id.blockGroup,
		element(Id.block, header, bytes),
		numberElement(Id.blockDuration, durationTicks)
	);
}
