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
	ebml: [0x1a, 0x45, 0xdf, 0xa3],
	docType: [0x42, 0x82],
	docTypeVersion: [0x42, 0x87],
	docTypeReadVersion: [0x42, 0x85],
	segment: [0x18, 0x53, 0x80, 0x67],
	info: [0x15, 0x49, 0xa9, 0x66],
	timestampScale: [0x2a, 0xd7, 0xb1],
	muxingApp: [0x4d, 0x80],
	writingApp: [0x57, 0x41],
	tracks: [0x16, 0x54, 0xae, 0x6b],
	trackEntry: [0xae],
	trackNumber: [0xd7],
	trackUid: [0x73, 0xc5],
	trackType: [0x83],
	codecId: [0x86],
	codecPrivate: [0x63, 0xa2],
	audio: [0xe1],
	samplingFrequency: [0xb5],
	channels: [0x9f],
	cluster: [0x1f, 0x43, 0xb6, 0x75],
	timestamp: [0xe7],
	blockGroup: [0xa0],
	block: [0xa1],
	blockDuration: [0x9b]
};

/** Some bytes: they are copied only when all of them are there. */
type Part = Uint8Array | number[];

const encoder = new TextEncoder();
const APP = encoder.encode('plyr.fm');

const sizeOf = (parts: readonly Part[]): number =>
	parts.reduce((sum, { length }) => sum + length, 0);

/** The bytes of a number, the high one first, and none that say nothing. */
function bytesOf(value: number): number[] {
	const bytes = [value % 256];
	for (let left = Math.floor(value / 256); left > 0; left = Math.floor(left / 256)) {
		bytes.unshift(left % 256);
	}
	return bytes;
}

/** In one byte, two or four, of which the first bits say how many. */
function sizeBytes(size: number): number[] {
	if (size < 0x7f) return [0x80 + size];
	return bytesOf(size < 0x3fff ? 0x4000 + size : 0x1000_0000 + size);
}

function element(id: number[], ...content: Part[]): Part[] {
	return [[...id, ...sizeBytes(sizeOf(content))], ...content];
}

const numberElement = (id: number[], value: number) => element(id, bytesOf(value));

function joined(parts: readonly Part[]): Uint8Array<ArrayBuffer> {
	const all = new Uint8Array(sizeOf(parts));
	let at = 0;
	for (const part of parts) {
		all.set(part, at);
		at += part.length;
	}
	return all;
}

/** What goes before all clusters of one track: no sound, only what it is. */
export function webmInitSegment(track: WebmTrack): Uint8Array<ArrayBuffer> {
	const { codecId, codecPrivate, channels, rateHz } = track;
	const rate = new Uint8Array(8);
	new DataView(rate.buffer).setFloat64(0, rateHz);
	const sound = [...element(Id.samplingFrequency, rate), ...numberElement(Id.channels, channels)];
	const entry = [
		...numberElement(Id.trackNumber, TRACK_NUMBER),
		...numberElement(Id.trackUid, TRACK_NUMBER),
		...numberElement(Id.trackType, AUDIO),
		...element(Id.codecId, encoder.encode(codecId)),
		...element(Id.codecPrivate, codecPrivate),
		...element(Id.audio, ...sound)
	];
	const info = [
		...numberElement(Id.timestampScale, TICK_NS),
		...element(Id.muxingApp, APP),
		...element(Id.writingApp, APP)
	];
	const kind = [
		...element(Id.docType, encoder.encode('webm')),
		...numberElement(Id.docTypeVersion, 4),
		...numberElement(Id.docTypeReadVersion, 2)
	];
	return joined([
		...element(Id.ebml, ...kind),
		...[Id.segment, KEPT_OPEN],
		...element(Id.info, ...info),
		...element(Id.tracks, ...element(Id.trackEntry, ...entry))
	]);
}

/**
 * Packets in their order, ready to be appended. Each tells its own duration: a browser guesses that of
 * the last one of a cluster.
 */
export function webmClusters(blocks: readonly WebmBlock[]): Uint8Array<ArrayBuffer> {
	const clusters: Part[] = [];
	let clusterTicks = 0;
	let groups: Part[] = [];
	const close = () => {
		if (groups.length === 0) return;
		clusters.push(...element(Id.cluster, ...numberElement(Id.timestamp, clusterTicks), ...groups));
		groups = [];
	};
	for (const block of blocks) {
		if (block.startTicks - clusterTicks > CLUSTER_TICKS) close();
		if (groups.length === 0) clusterTicks = block.startTicks;
		groups.push(...blockGroup(block, clusterTicks));
	}
	close();
	return joined(clusters);
}

function blockGroup({ startTicks, durationTicks, bytes }: WebmBlock, clusterTicks: number): Part[] {
	const sinceTicks = startTicks - clusterTicks;
	const header = [0x80 + TRACK_NUMBER, sinceTicks >> 8, sinceTicks & 0xff, 0];
	return element(
		Id.blockGroup,
		...element(Id.block, header, bytes),
		...numberElement(Id.blockDuration, durationTicks)
	);
}
