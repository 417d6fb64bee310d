import { open } from 'node:fs/promises';

const HEAD_BYTES = 4096;
const SPACE = 0x20;
/** Tab, line feed, vertical tab, form feed, carriage return: the control characters of text. */
const FIRST_TEXT_CONTROL = 0x09;
const LAST_TEXT_CONTROL = 0x0d;

/** What the bytes at an offset are, read as latin1. */
type Mark = [offset: number, bytes: string];

/** First bytes and what a person calls such a file. Sources: the formats' own specifications. */
const SIGNATURES: readonly [name: string, ...marks: Mark[]][] = [
	['a png picture', [0, '\x89PNG']],
	['a jpeg picture', [0, '\xff\xd8\xff']],
	['a gif picture', [0, 'GIF8']],
	['a webp picture', [0, 'RIFF'], [8, 'WEBP']],
	['a pdf document', [0, '%PDF-']],
	['a zip archive', [0, 'PK\x03\x04']],
	['a gzip archive', [0, '\x1f\x8b']],
	['a rar archive', [0, 'Rar!']],
	['a 7z archive', [0, '7z\xbc\xaf']],
	['a midi file, which holds notes and no sound', [0, 'MThd']],
	['a playlist, which holds no sound itself', [0, '#EXTM3U']],
	['a playlist, which holds no sound itself', [0, '[playlist]']],
	['a list of files, which holds no sound itself', [0, 'ffconcat ']],
	['a web page', [0, '<!doctype html']],
	['a web page', [0, '<html']],
	['an xml document', [0, '<?xml']],
	['a wav file whose sound is missing or damaged', [0, 'RIFF'], [8, 'WAVE']],
	['an avi file that is damaged', [0, 'RIFF'], [8, 'AVI ']],
	['a flac file whose sound is missing or damaged', [0, 'fLaC']],
	['an ogg file whose sound is missing or damaged', [0, 'OggS']],
	['an mp3 tag without sound after it', [0, 'ID3']],
	['an aiff file whose sound is missing or damaged', [0, 'FORM'], [8, 'AIF']],
	['an mp4 file whose index is missing: it is probably cut off', [4, 'ftyp']],
	['a matroska file that is damaged', [0, '\x1a\x45\xdf\xa3']]
];

function isTextByte(byte: number): boolean {
	return byte >= SPACE || (byte >= FIRST_TEXT_CONTROL && byte <= LAST_TEXT_CONTROL);
}

function isText(head: Buffer): boolean {
	if (!head.every(isTextByte)) return false;
	try {
		// As a stream, so that a character cut at the end of the head does not count as wrong.
		new TextDecoder('utf-8', { fatal: true }).decode(head, { stream: true });
		return true;
	} catch {
		return false;
	}
}

function describeHead(head: Buffer): string {
	if (head.length === 0) return 'an empty file';
	const text = head.toString('latin1').toLowerCase();
	for (const [name, ...marks] of SIGNATURES) {
		if (marks.every(([offset, bytes]) => text.startsWith(bytes.toLowerCase(), offset))) return name;
	}
	if (head.every((byte) => byte === 0)) return 'nothing but zeros';
	return isText(head) ? 'plain text' : 'bytes of no audio format known here';
}

/** Says in plain words what the file at `path` seems to be, judged by its first 4 KiB only. */
export async function describeFile(path: string): Promise<string> {
	const file = await open(path, 'r');
	try {
		const { bytesRead, buffer } = await file.read(Buffer.alloc(HEAD_BYTES), 0, HEAD_BYTES, 0);
		return describeHead(buffer.subarray(0, bytesRead));
	} finally {
		await file.close();
	}
}
