import { type Mp3Frame, mp3FrameAt, mp3FramesIn } from './mp3-frames.ts';

const SEEK_POINTS = 100;

/** What an mp3 says about itself at its beginning. */
export interface Mp3Head {
	/** the first frame of sound */
	frame: Mp3Frame;
	/** its place in the file */
	audioStart: number;
	/** what its encoder put before the sound, and behind it; a decoder adds a delay of its own */
	delaySamples: number;
	paddingSamples: number;
	/** null: it does not say */
	frames: number | null;
	/** all frames are of one length, give or take a byte */
	isConstant: boolean;
	/** for a hundredth of the time each, how far it is into the file, of 256; null: not said */
	seekPoints: Uint8Array | null;
	/** the length those points are about */
	audioBytes: number;
}

/** The length of an ID3v2 tag at the beginning, with its header; 0: there is none. */
export function id3Length(bytes: Uint8Array): number {
	if (ascii(bytes, 0, 3) !== 'ID3' || bytes.length < 10) return 0;
	const size = bytes.subarray(6, 10).reduce((sum, byte) => (sum << 7) | (byte & 0x7f), 0);
	const hasFooter = ((bytes[5] ?? 0) & 0x10) !== 0;
	return 10 + size + (hasFooter ? 10 : 0);
}

/**
 * Reads the first frame and, when it holds none of the sound, the notes of the encoder in it (Xing,
 * Info, LAME).
 * @param bytes of the file from `fileOffset` on, behind its ID3v2 tag
 * @returns null when this is not an mp3
 */
export function readMp3Head(bytes: Uint8Array, fileOffset: number): Mp3Head | null {
	const start = mp3FramesIn(bytes, false)[0]?.start ?? 0;
	const frame = mp3FrameAt(bytes, start);
	if (!frame) return null;
	const notesAt = start + 4 + frame.sideInfoBytes;
	const name = ascii(bytes, notesAt, 4);
	const plain = { frame, delaySamples: 0, paddingSamples: 0, frames: null, seekPoints: null };
	if (name !== 'Xing' && name !== 'Info') {
		return { ...plain, audioStart: fileOffset + start, isConstant: true, audioBytes: 0 };
	}
	const audioStart = fileOffset + start + frame.lengthBytes;
	const notes = readNotes(bytes, notesAt);
	const first = mp3FrameAt(bytes, start + frame.lengthBytes) ?? frame;
	return { ...plain, ...notes, frame: first, audioStart, isConstant: name === 'Info' };
}

/** http://gabriel.mp3-tech.org/mp3infotag.html */
function readNotes(bytes: Uint8Array, notesAt: number) {
	const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
	const flags = view.getUint32(notesAt + 4);
	let at = notesAt + 8;
	const frames = flags & 1 ? view.getUint32(at) : null;
	if (flags & 1) at += 4;
	const audioBytes = flags & 2 ? view.getUint32(at) : 0;
	if (flags & 2) at += 4;
	const seekPoints = flags & 4 ? bytes.slice(at, at + SEEK_POINTS) : null;
	if (flags & 4) at += SEEK_POINTS;
	if (flags & 8) at += 4;
	// LAME's own, which ffmpeg writes too: two numbers of twelve bits
	const hasLame = /^(LAME|Lavf|Lavc|L3\.9)/.test(ascii(bytes, at, 4));
	if (!hasLame) return { frames, audioBytes, seekPoints };
	const both = (view.getUint16(at + 21) << 8) | view.getUint8(at + 23);
	return {
		frames,
		audioBytes,
		seekPoints,
		delaySamples: both >> 12,
		paddingSamples: both & 0xfff
	};
}

const ascii = (bytes: Uint8Array, at: number, length: number): string =>
	String.fromCharCode(...bytes.subarray(at, at + length));
