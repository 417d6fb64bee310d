import type { ReadRange } from '../sniff-file.ts';
import { retagFlac } from './flac.ts';
import { retagMp3 } from './mp3.ts';
import type { OwnTags, Retagged } from './own-tags.ts';
import { retagAiff, retagWav } from './riff.ts';

type Retag = (read: ReadRange, sizeBytes: number, tags: OwnTags) => Promise<Retagged | null>;

/** By the extension of the stored file. In the others, tags lie among the music, or are counted by it. */
const RETAG: Record<string, Retag> = {
	mp3: retagMp3,
	flac: retagFlac,
	wav: retagWav,
	aiff: retagAiff
};

/**
 * How a file becomes the same with other tags, bit for bit but for those. What is in it and is not
 * said here (isrc, lyrics, …) stays.
 * @param fileType extension, without the dot
 * @returns null: it cannot be done without touching more than the tags, or they are of a kind that is
 *   better left alone
 * @throws whatever `read` throws
 */
export async function retag(
	read: ReadRange,
	file: { fileType: string; sizeBytes: number },
	tags: OwnTags
): Promise<Retagged | null> {
	const write = Object.hasOwn(RETAG, file.fileType) ? RETAG[file.fileType] : undefined;
	return write ? await write(read, file.sizeBytes, tags) : null;
}
