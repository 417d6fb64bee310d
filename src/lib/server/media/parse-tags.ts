import { type IAudioMetadata, parseBlob, selectCover } from 'music-metadata';
import type { FileTags } from '#lib/server/db/schema.ts';
import { readAiffText } from './aiff-text.ts';
import { cleanTags } from './clean-tags.ts';
import { type AudioFormat, FORMATS } from './formats.ts';
import { readId3Names } from './id3-names.ts';
import { withoutUnsync } from './id3-unsync.ts';
import { RangeBlob } from './range-blob.ts';
import type { ReadRange } from './sniff-file.ts';

/** A file whose tags are wanted. */
export interface TaggedFile {
	sizeBytes: number;
	/** by its content */
	format: AudioFormat;
}

export interface ParsedFile {
	tags: FileTags;
	/** the picture on its front, or the first there is */
	cover: Uint8Array | null;
	/** null when it does not show without reading on */
	durationMs: number | null;
}

/** Formats with kinds of tag that are older than UTF-8. */
const OLD_TEXT = new Set<AudioFormat>(['mp3', 'aac', 'wav', 'aiff']);

const BLOCK_BYTES = 64 * 1024;
/** A whole file is read in larger steps. */
const LARGE_BLOCK_BYTES = 1024 * 1024;

/**
 * Reads the tags of a file. Takes as long and as much memory as its content makes it: to be called
 * where that hurts nobody, see tag-thread.ts.
 * @throws whatever the parser or `read` throws
 */
export async function parseTags(read: ReadRange, file: TaggedFile): Promise<ParsedFile> {
	const blob = await withoutUnsync(openBlob(read, file, BLOCK_BYTES));
	const parsed = await parseBlob(blob, {});
	const written = await readId3Names(blob);
	const tags = cleanTags({ ...parsed, written }, OLD_TEXT.has(file.format));
	if (file.format === 'aiff' && parsed.native['AIFF']) await takeAiffText(tags, parsed, blob);
	return {
		tags,
		cover: selectCover(parsed.common.picture)?.data ?? null,
		durationMs: durationOf(parsed)
	};
}

/**
 * Measures the playing time without decoding, by reading as much of the file as that takes.
 * @returns null when it does not show
 */
export async function parseDuration(read: ReadRange, file: TaggedFile): Promise<number | null> {
	const blob = await withoutUnsync(openBlob(read, file, LARGE_BLOCK_BYTES));
	return durationOf(await parseBlob(blob, { duration: true, skipCovers: true }));
}

const openBlob = (read: ReadRange, file: TaggedFile, blockBytes: number) =>
	RangeBlob.of(read, {
		sizeBytes: file.sizeBytes,
		contentType: FORMATS[file.format].contentType,
		blockBytes
	});

function durationOf({ format }: IAudioMetadata): number | null {
	const ms = Math.round((format.duration ?? 0) * 1000);
	return ms > 0 && ms < 2 ** 31 ? ms : null;
}

async function takeAiffText(
	tags: FileTags,
	{ common, native, quality }: IAudioMetadata,
	blob: RangeBlob
): Promise<void> {
	const text = await readAiffText(blob);
	const written = new Map<string, string>();
	const said = cleanTags({ common: { ...common, ...text }, native: {}, quality, written }, false);
	const inId3 = Object.entries(native).filter(([tag]) => tag !== 'AIFF');
	const ids = new Set(inId3.flatMap(([, values]) => values.map(({ id }) => id)));
	if (said.title && !ids.has('TIT2') && !ids.has('TT2')) tags.title = said.title;
	if (said.artist && !ids.has('TPE1') && !ids.has('TP1')) {
		tags.artist = said.artist;
		tags.artists = [said.artist];
	}
}
