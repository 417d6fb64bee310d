import type { AudioFormat } from './formats.ts';
import { readMp4Tracks } from './mp4-tracks.ts';
import { type Sniffed, SNIFF_BYTES, sniffHead } from './sniff.ts';

/** Reads part of a file: at most `length` bytes from `offset`, fewer only at its end. */
export type ReadRange = (offset: number, length: number) => Promise<Uint8Array>;

/** What a whole file is; the codec is known where the container tells it. */
export type SniffedFile =
	{ kind: 'audio'; format: AudioFormat; codec: string | null } | { kind: 'other'; what: string };

/** Still pictures (a cover) that some programs keep in a track of their own. */
const PICTURE_CODECS = new Set(['jpeg', 'mjpg', 'png ']);

/** Some programs leave several tags in front of each other; more than this is an attack. */
const MAX_TAGS = 8;

/**
 * Recognises a file by its content with a few bounded reads, however large it is or pretends its
 * tags to be: nothing is read that is not needed.
 */
export async function sniffFile(read: ReadRange, sizeBytes: number): Promise<SniffedFile> {
	let offset = 0;
	for (let tags = 0; tags <= MAX_TAGS; tags++) {
		const sniffed: Sniffed = sniffHead(await read(offset, SNIFF_BYTES));
		if (sniffed.kind === 'mp4') return await readMp4(read, sizeBytes);
		if (sniffed.kind === 'audio') return { ...sniffed, codec: null };
		if (sniffed.kind === 'other') {
			if (offset === 0) return sniffed;
			return { kind: 'other', what: `a tag with ${sniffed.what} behind it` };
		}
		offset += sniffed.audioAt;
		if (offset >= sizeBytes) return { kind: 'other', what: 'a tag with nothing behind it' };
	}
	return { kind: 'other', what: 'a heap of tags' };
}

/** What the codecs of an MPEG-4 file make of it. */
async function readMp4(read: ReadRange, sizeBytes: number): Promise<SniffedFile> {
	const tracks = await readMp4Tracks(read, sizeBytes);
	if (tracks === null) {
		return { kind: 'other', what: 'an mp4 file that is cut off: its table of contents is missing' };
	}
	if (tracks.some((track) => track.handler === 'vide' && !PICTURE_CODECS.has(track.codec))) {
		return { kind: 'other', what: 'a video (mp4)' };
	}
	const sound = tracks.find((track) => track.handler === 'soun');
	if (!sound) return { kind: 'other', what: 'an mp4 file without sound' };
	if (sound.codec === 'alac') return { kind: 'audio', format: 'alac', codec: 'alac' };
	if (sound.codec === 'mp4a') return { kind: 'audio', format: 'm4a', codec: 'aac' };
	return { kind: 'other', what: `an mp4 file with ${sound.codec.trim()} sound` };
}
