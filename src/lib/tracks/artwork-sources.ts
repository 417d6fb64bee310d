/** The addresses of our own pictures; the rest of one says which form of it. */
const OUR_PICTURE = /^\/images\/[0-9a-f]{16}(?=\?|$)/;

/** The edges in which a picture is served, the smallest first. */
export const ARTWORK_SIZES_PX = [96, 320, 640, 1200];

/** What a browser chooses from, as `srcset`s of squares. */
export interface ArtworkSources {
	avif: string;
	/** every browser that knows `srcset` with sizes and CSS as we use it reads webp */
	webp: string;
}

/** The address of a picture of ours without which form of it; null for any other address. */
export const artworkAddress = (src: string): string | null => OUR_PICTURE.exec(src)?.[0] ?? null;

/** No screen has more of its own pixels to one of a layout, in each direction. */
const DENSEST = 4;

/**
 * The forms in which a picture of ours is served; null for any other address.
 * @param layoutPx the edge at which it is laid out everywhere: what is larger than any screen shows there
 * is not offered, as a list of many is long enough
 */
export function artworkSources(src: string, layoutPx = Infinity): ArtworkSources | null {
	const address = artworkAddress(src);
	if (address === null) return null;
	const enough = ARTWORK_SIZES_PX.findIndex((px) => px >= layoutPx * DENSEST);
	const offered = enough === -1 ? ARTWORK_SIZES_PX : ARTWORK_SIZES_PX.slice(0, enough + 1);
	const srcset = (format: string) =>
		offered.map((px) => `${address}?size=${px}&format=${format} ${px}w`).join(', ');
	return { avif: srcset('avif'), webp: srcset('webp') };
}
