import type { OwnTags } from './own-tags.ts';

/** 2.3 is what every program reads; 2.4 only where the file has it already. */
export type Id3Version = 3 | 4;

/** A frame as it stands in a tag, with its header. */
export interface Id3Frame {
	id: string;
	bytes: Uint8Array;
}

const HEADER_BYTES = 10;
const FRAME_HEADER_BYTES = 10;
const FRONT_COVER = 3;

/** What a file says about itself before its music, as far as it can be kept. */
export interface Id3Found {
	version: Id3Version;
	frames: Id3Frame[];
	/** of all of it */
	sizeBytes: number;
}

/** The size of the tag a file begins with; 0: there is none. @param head ten bytes or more */
export function id3Size(head: Uint8Array): number {
	if (Buffer.from(head.subarray(0, 3)).toString('latin1') !== 'ID3') return 0;
	const footer = ((head[5] ?? 0) & 0x10) === 0 ? 0 : HEADER_BYTES;
	return HEADER_BYTES + synchsafe(head, 6) + footer;
}

/**
 * Reads the frames of a tag, without understanding them.
 * @returns null for kinds of tag that cannot be taken apart this simply: 2.2, compressed, unsynchronised,
 *   with an extended header, damaged
 */
export function readId3(tag: Uint8Array): Id3Found | null {
	const bytes = Buffer.from(tag);
	const [version, flags] = [bytes[3], bytes[5]];
	if ((version !== 3 && version !== 4) || flags !== 0) return null;
	const frames: Id3Frame[] = [];
	let at = HEADER_BYTES;
	while (at + FRAME_HEADER_BYTES <= bytes.length && bytes[at] !== 0) {
		const id = bytes.toString('latin1', at, at + 4);
		const size = version === 4 ? synchsafe(bytes, at + 4) : bytes.readUInt32BE(at + 4);
		const end = at + FRAME_HEADER_BYTES + size;
		if (!/^[A-Z0-9]{4}$/.test(id) || end > bytes.length) return null;
		frames.push({ id, bytes: bytes.subarray(at, end) });
		at = end;
	}
	// zeros fill a tag up, and nothing else
	if (bytes.subarray(at).some((byte) => byte !== 0)) return null;
	return { version, frames, sizeBytes: bytes.length };
}

/** A tag with what is said here, and the frames of the former one that say something else. */
export function writeId3(tags: OwnTags, former: Id3Found | null): Buffer {
	const version = former?.version ?? 3;
	const own = ownFrames(tags, version);
	const said = new Set(own.map(({ id }) => id));
	// 2.3 has the year by itself
	if (said.has('TYER')) said.add('TDAT');
	const kept = (former?.frames ?? []).filter(({ id }) => !said.has(id));
	const body = Buffer.concat([...own, ...kept].map(({ bytes }) => bytes));
	const head = Buffer.from([0x49, 0x44, 0x33, version, 0, 0, ...asSynchsafe(body.length)]);
	return Buffer.concat([head, body]);
}

function ownFrames(tags: OwnTags, version: Id3Version): Id3Frame[] {
	const text = (id: string, value: string | number | null) =>
		value === null || value === '' ? [] : [frame(version, id, encoded(String(value), version))];
	return [
		...text('TIT2', tags.title),
		...text('TPE1', tags.artist),
		...text('TALB', tags.album),
		...text('TRCK', tags.trackNumber),
		...text(version === 4 ? 'TDRC' : 'TYER', tags.year),
		...text('TCON', tags.genres.join(version === 4 ? '\0' : ', ')),
		...(tags.cover ? [frame(version, 'APIC', picture(tags.cover))] : [])
	];
}

function frame(version: Id3Version, id: string, content: Uint8Array): Id3Frame {
	const head = Buffer.alloc(FRAME_HEADER_BYTES);
	head.write(id, 'latin1');
	if (version === 4) head.set(asSynchsafe(content.length), 4);
	else head.writeUInt32BE(content.length, 4);
	return { id, bytes: Buffer.concat([head, content]) };
}

/** 2.3 knows no utf-8. */
const encoded = (value: string, version: Id3Version): Buffer =>
	version === 4
		? Buffer.concat([Buffer.of(3), Buffer.from(value)])
		: Buffer.concat([Buffer.of(1), Buffer.from(`\ufeff${value}`, 'utf16le')]);

const picture = (jpeg: Uint8Array): Buffer =>
	Buffer.concat([Buffer.of(0), Buffer.from('image/jpeg\0'), Buffer.of(FRONT_COVER, 0), jpeg]);

const synchsafe = (bytes: Uint8Array, at: number): number =>
	[0, 1, 2, 3].reduce((size, n) => size * 128 + ((bytes[at + n] ?? 0) & 127), 0);

const asSynchsafe = (size: number): number[] => [21, 14, 7, 0].map((bits) => (size >> bits) & 127);
