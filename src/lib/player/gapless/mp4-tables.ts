import { NotGapless } from './gapless-source.ts';

/** Where a box's content is. */
export interface Mp4Box {
	type: string;
	start: number;
	end: number;
}

/** What a file says about its one track of sound (ISO 14496-12 §8). */
export interface Mp4Track {
	/** ticks a second */
	timescale: number;
	/** the description of its codec, as it is */
	sampleEntry: Uint8Array<ArrayBuffer>;
	/** of all frames: place in the file, length, and when each begins in ticks */
	offsets: Float64Array;
	sizes: Uint32Array;
	/** one more: when the last one ends */
	starts: Float64Array;
	/** what is to be heard of it, in ticks */
	heardFrom: number;
	heardTicks: number;
}

const viewOf = (bytes: Uint8Array) =>
	new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);

/** The box whose header is at this byte; null: not all of its header is there. */
export function boxAt(bytes: Uint8Array, at: number, fileEnd = bytes.length): Mp4Box | null {
	if (at + 8 > bytes.length) return null;
	const view = viewOf(bytes);
	const type = String.fromCharCode(...bytes.subarray(at + 4, at + 8));
	const size = view.getUint32(at);
	if (size === 0) return { type, start: at + 8, end: fileEnd };
	if (size !== 1) return size < 8 ? null : { type, start: at + 8, end: at + size };
	if (at + 16 > bytes.length) return null;
	return { type, start: at + 16, end: at + Number(view.getBigUint64(at + 8)) };
}

function find(bytes: Uint8Array, inside: Mp4Box, ...path: string[]): Mp4Box | null {
	const [type, ...deeper] = path;
	if (type === undefined) return inside;
	for (const found of all(bytes, inside, type)) return find(bytes, found, ...deeper);
	return null;
}

function* all(bytes: Uint8Array, inside: Mp4Box, type: string): Generator<Mp4Box> {
	for (let at = inside.start; at < inside.end;) {
		const found = boxAt(bytes, at, inside.end);
		if (!found || found.end > inside.end) return;
		if (found.type === type) yield found;
		at = found.end;
	}
}

function need(bytes: Uint8Array, inside: Mp4Box, ...path: string[]): Mp4Box {
	const found = find(bytes, inside, ...path);
	if (!found) throw new NotGapless(`no ${path.join(' ')}`);
	return found;
}

/**
 * Reads the tables of a file that is not in fragments.
 * @param moov the box of that name with its header
 * @throws NotGapless when it is in fragments, or has another number of sound tracks than one
 */
export function readMp4Track(moov: Uint8Array<ArrayBuffer>): Mp4Track {
	const movie = boxAt(moov, 0);
	if (!movie || find(moov, movie, 'mvex')) throw new NotGapless('in fragments');
	const isSound = (track: Mp4Box) => {
		const { start } = need(moov, track, 'mdia', 'hdlr');
		return String.fromCharCode(...moov.subarray(start + 8, start + 12)) === 'soun';
	};
	const [track, another] = [...all(moov, movie, 'trak')].filter(isSound);
	if (!track || another) throw new NotGapless('not one track of sound');
	const table = need(moov, track, 'mdia', 'minf', 'stbl');
	const timescale = timescaleOf(moov, need(moov, track, 'mdia', 'mdhd'));
	const sizes = readSizes(moov, need(moov, table, 'stsz'));
	const starts = readStarts(moov, need(moov, table, 'stts'), sizes.length);
	const movieScale = timescaleOf(moov, need(moov, movie, 'mvhd'));
	const edits = find(moov, track, 'edts', 'elst');
	const entry = need(moov, table, 'stsd').start + 8;
	return {
		...{ timescale, sizes, starts },
		sampleEntry: moov.slice(entry, boxAt(moov, entry)?.end),
		offsets: readOffsets(moov, table, sizes),
		...(readItunes(moov, movie) ??
			readEdit(moov, edits, timescale / movieScale, starts[sizes.length] ?? 0))
	};
}

function timescaleOf(bytes: Uint8Array, { start }: Mp4Box): number {
	return viewOf(bytes).getUint32(start + (bytes[start] === 1 ? 20 : 12));
}

function readSizes(bytes: Uint8Array, { start }: Mp4Box): Uint32Array {
	const view = viewOf(bytes);
	const same = view.getUint32(start + 4);
	const count = view.getUint32(start + 8);
	if (same > 0) return new Uint32Array(count).fill(same);
	return Uint32Array.from({ length: count }, (_, i) => view.getUint32(start + 12 + 4 * i));
}

function readStarts(bytes: Uint8Array, { start }: Mp4Box, count: number): Float64Array {
	const view = viewOf(bytes);
	const starts = new Float64Array(count + 1);
	let index = 0;
	for (let entry = 0; entry < view.getUint32(start + 4); entry++) {
		const run = view.getUint32(start + 8 + 8 * entry);
		const delta = view.getUint32(start + 12 + 8 * entry);
		for (let i = 0; i < run && index < count; i++) {
			starts[index + 1] = (starts[index] ?? 0) + delta;
			index += 1;
		}
	}
	if (index !== count) throw new NotGapless('times and sizes do not agree');
	return starts;
}

function readOffsets(bytes: Uint8Array, table: Mp4Box, sizes: Uint32Array): Float64Array {
	const view = viewOf(bytes);
	const short = find(bytes, table, 'stco');
	const { start } = short ?? need(bytes, table, 'co64');
	const chunkAt = (chunk: number) =>
		short
			? view.getUint32(start + 8 + 4 * chunk)
			: Number(view.getBigUint64(start + 8 + 8 * chunk));
	const runs = need(bytes, table, 'stsc').start;
	const runCount = view.getUint32(runs + 4);
	const offsets = new Float64Array(sizes.length);
	let index = 0;
	let run = 0;
	for (let chunk = 0; chunk < view.getUint32(start + 4); chunk++) {
		const nextRun = runs + 8 + 12 * (run + 1);
		if (run + 1 < runCount && view.getUint32(nextRun) === chunk + 1) run += 1;
		let at = chunkAt(chunk);
		const inChunk = view.getUint32(runs + 8 + 12 * run + 4);
		for (let i = 0; i < inChunk && index < sizes.length; i++) {
			if (at < (offsets[index - 1] ?? 0)) throw new NotGapless('frames are not in their order');
			offsets[index] = at;
			at += sizes[index] ?? 0;
			index += 1;
		}
	}
	if (index !== sizes.length) throw new NotGapless('places and sizes do not agree');
	return offsets;
}

/** What iTunes and others note: delay, padding and length, in hexadecimal digits. */
function readItunes(bytes: Uint8Array, movie: Mp4Box) {
	const box = find(bytes, movie, 'udta');
	if (!box) return null;
	const text = new TextDecoder('latin1').decode(bytes.subarray(box.start, box.end));
	const notes = /iTunSMPB[^]{1,32} [\dA-F]{8} ([\dA-F]{8}) [\dA-F]{8} ([\dA-F]{16})/.exec(text);
	if (!notes) return null;
	return { heardFrom: parseInt(notes[1] ?? '', 16), heardTicks: parseInt(notes[2] ?? '', 16) };
}

/** §8.6.6: the part of the track that is to be heard. */
function readEdit(bytes: Uint8Array, edits: Mp4Box | null, ticksPerUnit: number, allTicks: number) {
	if (!edits) return { heardFrom: 0, heardTicks: allTicks };
	const view = viewOf(bytes);
	const at = edits.start;
	if (view.getUint32(at + 4) !== 1) throw new NotGapless('put together of several parts');
	const isLong = bytes[at] === 1;
	const units = isLong ? Number(view.getBigUint64(at + 8)) : view.getUint32(at + 8);
	const heardFrom = isLong ? Number(view.getBigInt64(at + 16)) : view.getInt32(at + 12);
	if (heardFrom < 0 || heardFrom >= allTicks) throw new NotGapless('begins with nothing');
	const rest = allTicks - heardFrom;
	const ticks = units * ticksPerUnit;
	// it is in coarser units than the frames are
	const isAll = units === 0 || ticks > rest - ticksPerUnit;
	return { heardFrom, heardTicks: isAll ? rest : Math.round(ticks) };
}
