/** Signatures of things people upload by mistake, and what they are called. */
const SIGNATURES: [offset: number, bytes: string, what: string][] = [
	[0, '\x89PNG', 'a png picture'],
	[0, '\xff\xd8\xff', 'a jpeg picture'],
	[0, 'GIF8', 'a gif picture'],
	[0, 'BM', 'a bmp picture'],
	[0, 'II*\0', 'a tiff picture'],
	[0, 'MM\0*', 'a tiff picture'],
	[8, 'WEBP', 'a webp picture'],
	[8, 'AVI ', 'a video (avi)'],
	[0, '\x1aE\xdf\xa3', 'a video (matroska or webm)'],
	[0, 'FLV\x01', 'a video (flv)'],
	[0, '\0\0\x01\xba', 'a video (mpeg)'],
	[0, '\0\0\x01\xb3', 'a video (mpeg)'],
	[0, '0&\xb2u\x8ef\xcf\x11', 'a windows media file'],
	[0, 'PK\x03\x04', 'a zip archive'],
	[0, 'PK\x05\x06', 'an empty zip archive'],
	[0, 'Rar!', 'a rar archive'],
	[0, "7z\xbc\xaf'\x1c", 'a 7z archive'],
	[0, '\x1f\x8b', 'a gzip archive'],
	[0, 'BZh', 'a bzip2 archive'],
	[0, '\xfd7zXZ', 'an xz archive'],
	[257, 'ustar', 'a tar archive'],
	[0, '%PDF', 'a pdf document'],
	[0, '\xd0\xcf\x11\xe0', 'an office document'],
	[0, 'MThd', 'a midi file, which holds notes and no sound'],
	[0, 'wvpk', 'a wavpack file'],
	[0, 'MAC ', "a monkey's audio file"],
	[0, 'TTA1', 'a true audio file'],
	[0, 'DSD ', 'a dsd file'],
	[0, 'FRM8', 'a dsd file'],
	[0, '#!AMR', 'an amr voice recording'],
	[0, 'caff', 'a core audio file'],
	[0, '.snd', 'an au file'],
	[0, '\x7fELF', 'a program'],
	[0, 'MZ', 'a program'],
	[0, 'SQLite format 3', 'a database']
];

/** Brands of the ISO base media format that are pictures, not sound. */
const PICTURE_BRANDS: Record<string, string> = {
	avif: 'an avif picture',
	avis: 'an avif picture',
	heic: 'a heic picture',
	heix: 'a heic picture',
	mif1: 'a heif picture',
	msf1: 'a heif picture'
};

/** What an ISO base media file with this major brand is, when it is not sound or a film. */
export const pictureOfBrand = (brand: string): string | undefined => PICTURE_BRANDS[brand];

/**
 * What a file that is no audio of ours is, in plain words with an article.
 * @param head its first bytes
 */
export function nameOther(head: Uint8Array): string {
	if (head.byteLength === 0) return 'an empty file';
	// before the signatures: a letter can begin with "MZ"
	const readable = nameText(head.subarray(0, 4096));
	if (readable) return readable;
	const start = Buffer.from(head.subarray(0, 512)).toString('latin1');
	for (const [offset, bytes, what] of SIGNATURES) {
		if (start.startsWith(bytes, offset)) return what;
	}
	if (isTransportStream(head)) return 'a video (mpeg transport stream)';
	return 'something we do not know';
}

/** ISO 13818-1: packets of 188 bytes, each beginning with 0x47. */
const isTransportStream = (head: Uint8Array) =>
	head.byteLength > 188 * 2 && head[0] === 0x47 && head[188] === 0x47 && head[376] === 0x47;

function nameText(head: Uint8Array): string | undefined {
	let text: string;
	try {
		// stream: a character cut off at the end of what we have is no mistake
		text = new TextDecoder('utf-8', { fatal: true }).decode(head, { stream: true });
	} catch {
		return undefined;
	}
	if (/\p{Cc}/u.test(text.replace(/[\t\n\r\f\v]/g, ''))) return undefined;
	const start = text.trimStart().toLowerCase();
	if (start.startsWith('%pdf')) return 'a pdf document';
	if (start.startsWith('<svg')) return 'an svg picture';
	if (/^<(!doctype html|html)/.test(start)) return 'a web page';
	if (/^(#extm3u|\[playlist\])/.test(start)) return 'a playlist, not a sound file';
	return 'text';
}
