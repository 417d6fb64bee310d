import type { ReadRange } from './sniff-file.ts';

/** One track of an MPEG-4 file. */
export interface Mp4Track {
	/** `soun`, `vide`, `text`… */
	handler: string;
	/** four characters of the sample description: `mp4a`, `alac`, `avc1`… */
	codec: string;
}

interface Box {
	type: string;
	/** where its content begins and ends in the file */
	start: number;
	end: number;
}

/** Boxes looked at in all; a hostile file can nest or chain millions. */
const MAX_BOXES = 2_000;

/** Boxes that only hold other boxes on the way to a track's codec. */
const CONTAINERS = new Set(['moov', 'trak', 'mdia', 'minf', 'stbl']);

/**
 * Lists the tracks of an MPEG-4 file (ISO 14496-12) by walking the headers of its boxes, wherever
 * the table of contents is; the content itself is skipped.
 * @returns null when there is no table of contents, as in a file that was cut off
 */
export async function readMp4Tracks(
	read: ReadRange,
	sizeBytes: number
): Promise<Mp4Track[] | null> {
	const budget = { boxes: MAX_BOXES };
	for await (const box of walk(read, 0, sizeBytes, budget)) {
		if (box.type !== 'moov') continue;
		const tracks: Mp4Track[] = [];
		for await (const trak of walk(read, box.start, box.end, budget)) {
			if (trak.type === 'trak') tracks.push(await readTrack(read, trak, budget));
		}
		return tracks;
	}
	return null;
}

async function readTrack(read: ReadRange, trak: Box, budget: { boxes: number }): Promise<Mp4Track> {
	const track: Mp4Track = { handler: '', codec: '' };
	const visit = async (parent: Box): Promise<void> => {
		for await (const box of walk(read, parent.start, parent.end, budget)) {
			if (CONTAINERS.has(box.type)) await visit(box);
			// version and flags, a zero, then the handler's name
			if (box.type === 'hdlr') track.handler ||= await fourCharacters(read, box.start + 8);
			// version and flags, the number of entries, the first entry's length, then its name
			if (box.type === 'stsd') track.codec ||= await fourCharacters(read, box.start + 12);
		}
	};
	await visit(trak);
	return track;
}

async function fourCharacters(read: ReadRange, offset: number): Promise<string> {
	return Buffer.from(await read(offset, 4)).toString('latin1');
}

/** The boxes between two offsets. A length of 1 is followed by 64 bits of it; 0 means to the end. */
async function* walk(
	read: ReadRange,
	from: number,
	to: number,
	budget: { boxes: number }
): AsyncGenerator<Box> {
	let at = from;
	while (at + 8 <= to && budget.boxes-- > 0) {
		const header = Buffer.from(await read(at, 16));
		if (header.length < 8) return;
		let length = header.readUInt32BE(0);
		let headerBytes = 8;
		if (length === 1 && header.length === 16) {
			length = Number(header.readBigUInt64BE(8));
			headerBytes = 16;
		} else if (length === 0) length = to - at;
		if (length < headerBytes || at + length > to) return;
		yield {
			type: header.toString('latin1', 4, 8),
			start: at + headerBytes,
			end: at + length
		};
		at += length;
	}
}
