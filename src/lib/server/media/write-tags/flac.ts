import type { ReadRange } from '../sniff-file.ts';
import { MAX_TAG_BYTES, type OwnTags, type Retagged } from './own-tags.ts';

/** RFC 9639, section 8.1 */
const PADDING = 1;
const COMMENT = 4;
const PICTURE = 6;
const LAST = 0x80;
const MAX_BLOCKS = 128;
const MAX_BLOCK_BYTES = 2 ** 24 - 1;
const FRONT_COVER = 3;

interface Block {
	type: number;
	content: Uint8Array;
}

/** Comments and the cover in front of the music are written anew; every other block stays. */
export async function retagFlac(
	read: ReadRange,
	_sizeBytes: number,
	tags: OwnTags
): Promise<Retagged | null> {
	const found = await readBlocks(read);
	if (!found) return null;
	const former = found.blocks.find(({ type }) => type === COMMENT);
	const comment = mergeComments(former && Buffer.from(former.content), tags);
	if (!comment) return null;
	const isReplaced = ({ type, content }: Block) =>
		type === COMMENT ||
		type === PADDING ||
		(tags.cover !== null && type === PICTURE && kindOf(content) === FRONT_COVER);
	const blocks: Block[] = [
		...found.blocks.filter((block) => !isReplaced(block)),
		{ type: COMMENT, content: comment },
		...(tags.cover ? [{ type: PICTURE, content: pictureOf(tags.cover) }] : [])
	];
	if (blocks.some(({ content }) => content.length > MAX_BLOCK_BYTES)) return null;
	const head: Uint8Array[] = [Buffer.from('fLaC')];
	for (const [n, { type, content }] of blocks.entries()) {
		const start = Buffer.alloc(4);
		start.writeUInt32BE(content.length);
		start[0] = type | (n === blocks.length - 1 ? LAST : 0);
		head.push(start, content);
	}
	return { head: Buffer.concat(head), from: found.endsAt, tail: new Uint8Array() };
}

/** What a picture is of. */
const kindOf = (picture: Uint8Array): number | undefined =>
	picture.length < 4 ? undefined : Buffer.from(picture).readUInt32BE(0);

async function readBlocks(read: ReadRange): Promise<{ blocks: Block[]; endsAt: number } | null> {
	if (Buffer.from(await read(0, 4)).toString('latin1') !== 'fLaC') return null;
	const blocks: Block[] = [];
	let at = 4;
	for (let n = 0; n < MAX_BLOCKS && at < MAX_TAG_BYTES; n++) {
		const start = Buffer.from(await read(at, 4));
		if (start.length < 4) return null;
		const first = start.readUInt8(0);
		const size = start.readUIntBE(1, 3);
		const content = Buffer.from(await read(at + 4, size));
		if (content.length < size) return null;
		blocks.push({ type: first & 0x7f, content });
		at += 4 + size;
		if ((first & LAST) !== 0) return { blocks, endsAt: at };
	}
	return null;
}

/** The comments of a file, of which those that are said here are other ones now. null: they are damaged */
function mergeComments(former: Buffer | undefined, tags: OwnTags): Buffer | null {
	const own: [string, string][] = [
		['TITLE', tags.title],
		['ARTIST', tags.artist],
		...(tags.album === null ? [] : [['ALBUM', tags.album] as [string, string]]),
		...(tags.trackNumber === null
			? []
			: [['TRACKNUMBER', String(tags.trackNumber)] as [string, string]]),
		...(tags.year === null ? [] : [['DATE', String(tags.year)] as [string, string]]),
		...tags.genres.map((genre): [string, string] => ['GENRE', genre])
	];
	const read = former ? readComments(former) : { vendor: Buffer.from('plyr.fm'), comments: [] };
	if (!read) return null;
	const said = new Set(own.map(([name]) => name));
	const kept = read.comments.filter((comment) => {
		const name = comment.subarray(0, Math.max(comment.indexOf('='), 0)).toString('latin1');
		return !said.has(name.toUpperCase());
	});
	const all = [...own.map(([name, value]) => Buffer.from(`${name}=${value}`)), ...kept];
	return Buffer.concat([...sized(read.vendor), count(all.length), ...all.flatMap(sized)]);
}

function readComments(block: Buffer): { vendor: Buffer; comments: Buffer[] } | null {
	let at = 0;
	const next = (): Buffer | null => {
		if (at + 4 > block.length) return null;
		const size = block.readUInt32LE(at);
		if (at + 4 + size > block.length) return null;
		const text = block.subarray(at + 4, at + 4 + size);
		at += 4 + size;
		return text;
	};
	const vendor = next();
	if (!vendor || at + 4 > block.length) return null;
	const total = block.readUInt32LE(at);
	at += 4;
	const comments: Buffer[] = [];
	for (let n = 0; n < total; n++) {
		const comment = next();
		if (!comment) return null;
		comments.push(comment);
	}
	return { vendor, comments };
}

const count = (number: number): Buffer => {
	const bytes = Buffer.alloc(4);
	bytes.writeUInt32LE(number);
	return bytes;
};
const sized = (text: Buffer): Buffer[] => [count(text.length), text];

/** RFC 9639, section 8.8; its size and colors may be left out. */
function pictureOf(jpeg: Uint8Array): Buffer {
	const mime = Buffer.from('image/jpeg');
	const numbers = (...all: number[]) => {
		const bytes = Buffer.alloc(4 * all.length);
		for (const [n, number] of all.entries()) bytes.writeUInt32BE(number, 4 * n);
		return bytes;
	};
	return Buffer.concat([
		numbers(FRONT_COVER, mime.length),
		mime,
		numbers(0, 0, 0, 0, 0, jpeg.length),
		jpeg
	]);
}
