import type { ReadRange } from '../sniff-file.ts';
import { id3Size, readId3, writeId3 } from './id3.ts';
import { MAX_TAG_BYTES, type OwnTags, type Retagged } from './own-tags.ts';

/** The tag before the music gives way to another one. One of the old kind behind it stays as it is. */
export async function retagMp3(
	read: ReadRange,
	_sizeBytes: number,
	tags: OwnTags
): Promise<Retagged | null> {
	const size = id3Size(await read(0, 10));
	const tail = new Uint8Array();
	if (size === 0) return { head: writeId3(tags, null), from: 0, tail };
	if (size > MAX_TAG_BYTES) return null;
	const former = readId3(await read(0, size));
	if (!former || id3Size(await read(size, 10)) > 0) return null;
	return { head: writeId3(tags, former), from: size, tail };
}
