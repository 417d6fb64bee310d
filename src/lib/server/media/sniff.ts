import type { AudioFormat } from './formats.ts';
import { findMpegAudio } from './mpeg-frames.ts';
import { nameOther, pictureOfBrand } from './sniff-other.ts';

/** What the bytes of a file say it is. Its name is never asked. */
export type Sniffed =
	| { kind: 'audio'; format: AudioFormat }
	/** an MPEG-4 container: its codec, and whether it is a film, is only known further inside */
	| { kind: 'mp4' }
	/** a tag comes first and is longer than what we were given: what follows is at this offset */
	| { kind: 'tagged'; audioAt: number }
	/** anything else, in plain words with an article */
	| { kind: 'other'; what: string };

/** How much of a file `sniffHead` wants to see; less works for shorter files. */
export const SNIFF_BYTES = 16 * 1024;

const text = (bytes: Uint8Array, start: number, length: number) =>
	Buffer.from(bytes.subarray(start, start + length)).toString('latin1');

const audio = (format: AudioFormat): Sniffed => ({ kind: 'audio', format });

/**
 * Recognises a file by its first bytes (`SNIFF_BYTES` of them, or all there are).
 * A file of an accepted kind may still turn out to be broken: only decoding it tells.
 */
export function sniffHead(head: Uint8Array): Sniffed {
	const magic = text(head, 0, 4);
	if (magic === 'fLaC') return audio('flac');
	if (magic === 'OggS') return sniffOgg(head);
	if (['RIFF', 'RF64', 'BW64'].includes(magic) && text(head, 8, 4) === 'WAVE') return audio('wav');
	if (magic === 'FORM' && /^AIF[FC]$/.test(text(head, 8, 4))) return audio('aiff');
	if (text(head, 4, 4) === 'ftyp') return sniffMp4(head);
	if (magic.startsWith('ID3')) return sniffTagged(head);
	// other signatures go first: three bytes of a picture can look like a frame of mp3
	const what = nameOther(head);
	if (what !== 'something we do not know') return { kind: 'other', what };
	const mpeg = findMpegAudio(head);
	return mpeg ? audio(mpeg) : { kind: 'other', what };
}

/** RFC 3533: the first page holds one packet, the header of the codec. */
function sniffOgg(head: Uint8Array): Sniffed {
	const packet = text(head, 27 + (head[26] ?? 0), 8);
	if (packet.startsWith('\x01vorbis')) return audio('ogg');
	if (packet.startsWith('OpusHead')) return audio('opus');
	if (packet.startsWith('\x80theora')) return { kind: 'other', what: 'a video (ogg theora)' };
	if (packet.startsWith('\x7fFLAC')) return { kind: 'other', what: 'an ogg file with flac inside' };
	if (packet.startsWith('Speex')) return { kind: 'other', what: 'an ogg file with speex inside' };
	return { kind: 'other', what: 'an ogg file of an unknown kind' };
}

function sniffMp4(head: Uint8Array): Sniffed {
	const picture = pictureOfBrand(text(head, 8, 4));
	return picture ? { kind: 'other', what: picture } : { kind: 'mp4' };
}

/** ID3v2.4 3.1: a header of 10 bytes, a length in 4 × 7 bits, and a footer when a flag says so. */
function sniffTagged(head: Uint8Array): Sniffed {
	if (head.byteLength < 10) return { kind: 'other', what: 'a tag with nothing behind it' };
	const [s0 = 0, s1 = 0, s2 = 0, s3 = 0] = head.subarray(6, 10);
	const hasFooter = ((head[5] ?? 0) & 0x10) !== 0;
	const length = ((s0 & 127) << 21) | ((s1 & 127) << 14) | ((s2 & 127) << 7) | (s3 & 127);
	return { kind: 'tagged', audioAt: 10 + length + (hasFooter ? 10 : 0) };
}
