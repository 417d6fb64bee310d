export type ImageKind = 'jpeg' | 'png' | 'webp' | 'gif' | 'avif' | 'heic';

const ascii = (bytes: Uint8Array, start: number, end: number) =>
	Buffer.from(bytes.subarray(start, end)).toString('latin1');

const AVIF_BRANDS = /^avi[fs]$/;
/** HEVC inside, or any other codec: the general brands say no more than that it is a picture. */
const HEIF_BRANDS = /^(hei[cxms]|hev[cxms]|mif1|msf1)$/;

/**
 * Which picture format the bytes are, by their signature (PNG spec 5.2, GIF89a 17, RFC 9649 for
 * webp, ISO 23000-22 brands for avif and ISO 23008-12 for heic); null for anything else, svg
 * included. A jpeg that holds several pictures (MPO) is a jpeg.
 */
export function sniffImage(bytes: Uint8Array): ImageKind | null {
	if (bytes[0] === 0xff && bytes[1] === 0xd8 && bytes[2] === 0xff) return 'jpeg';
	if (ascii(bytes, 0, 8) === '\x89PNG\r\n\x1a\n') return 'png';
	if (/^GIF8[79]a$/.test(ascii(bytes, 0, 6))) return 'gif';
	if (ascii(bytes, 0, 4) === 'RIFF' && ascii(bytes, 8, 12) === 'WEBP') return 'webp';
	if (ascii(bytes, 4, 8) !== 'ftyp') return null;
	// major brand, then the compatible ones: an avif may lead with the general mif1
	const brands = ascii(bytes, 8, 64).match(/.{4}/gs) ?? [];
	if (brands.some((brand) => AVIF_BRANDS.test(brand))) return 'avif';
	return brands.some((brand) => HEIF_BRANDS.test(brand)) ? 'heic' : null;
}
