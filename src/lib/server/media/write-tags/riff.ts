import type { ReadRange } from '../sniff-file.ts';
import { writeId3 } from './id3.ts';
import type { OwnTags, Retagged } from './own-tags.ts';

/** How a file of chunks is written. */
interface Container {
	magic: string;
	/** behind the size of all */
	forms: readonly string[];
	tagId: string;
	isLittleEndian: boolean;
}

const WAV: Container = { magic: 'RIFF', forms: ['WAVE'], tagId: 'id3 ', isLittleEndian: true };
const AIFF: Container = {
	...{ magic: 'FORM', forms: ['AIFF', 'AIFC'] },
	...{ tagId: 'ID3 ', isLittleEndian: false }
};

/** More chunks than any program writes. */
const MAX_CHUNKS = 1000;
const HEAD_BYTES = 12;

export const retagWav = (read: ReadRange, sizeBytes: number, tags: OwnTags) =>
	retagChunks(WAV, read, sizeBytes, tags);
export const retagAiff = (read: ReadRange, sizeBytes: number, tags: OwnTags) =>
	retagChunks(AIFF, read, sizeBytes, tags);

/** A chunk with the tag is put behind all others, and the size at the beginning says so. */
async function retagChunks(
	container: Container,
	read: ReadRange,
	sizeBytes: number,
	tags: OwnTags
): Promise<Retagged | null> {
	if (!(await isWhole(container, read, sizeBytes))) return null;
	const tag = writeId3(tags, null);
	const start = Buffer.alloc(8);
	start.write(container.tagId, 'latin1');
	writeSize(container, start, tag.length);
	const tail = Buffer.concat([start, tag, Buffer.alloc(tag.length % 2)]);
	const total = sizeBytes - 8 + tail.length;
	if (total > 0xffff_ffff) return null;
	const head = Buffer.from(await read(0, HEAD_BYTES));
	writeSize(container, head, total);
	return { head, from: HEAD_BYTES, tail };
}

/** Whether the chunks fill the file to its last byte, and none of them is a tag of this kind already. */
async function isWhole(container: Container, read: ReadRange, sizeBytes: number): Promise<boolean> {
	const head = Buffer.from(await read(0, HEAD_BYTES));
	const form = head.toString('latin1', 8, HEAD_BYTES);
	if (head.toString('latin1', 0, 4) !== container.magic || !container.forms.includes(form)) {
		return false;
	}
	if (readSize(container, head) !== sizeBytes - 8) return false;
	let at = HEAD_BYTES;
	for (let n = 0; n < MAX_CHUNKS && at < sizeBytes; n++) {
		const start = Buffer.from(await read(at, 8));
		if (start.length < 8) return false;
		if (start.toString('latin1', 0, 4).toLowerCase() === 'id3 ') return false;
		const size = readSize(container, start);
		at += 8 + size + (size % 2);
	}
	return at === sizeBytes;
}

const readSize = ({ isLittleEndian }: Container, bytes: Buffer): number =>
	isLittleEndian ? bytes.readUInt32LE(4) : bytes.readUInt32BE(4);

function writeSize({ isLittleEndian }: Container, bytes: Buffer, size: number): void {
	if (isLittleEndian) bytes.writeUInt32LE(size, 4);
	else bytes.writeUInt32BE(size, 4);
}
