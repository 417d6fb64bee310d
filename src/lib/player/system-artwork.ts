import { artworkAddress, ARTWORK_SIZES_PX } from '#lib/tracks/artwork-sources.ts';
import type { Track } from '#lib/tracks/track.ts';

/**
 * The artwork as the system's media panel chooses it: in jpeg, which every one of them reads, with
 * the edges there are. A picture is never larger than it was sent.
 * @param base address of the page
 */
export function systemArtwork(
	{ imageUrl, imageEdgePx }: Pick<Track, 'imageUrl' | 'imageEdgePx'>,
	base: string
): MediaImage[] {
	if (!imageUrl) return [];
	const address = artworkAddress(imageUrl);
	if (address === null) return [{ src: new URL(imageUrl, base).href }];
	const most = imageEdgePx ?? Infinity;
	const enough = ARTWORK_SIZES_PX.findIndex((px) => px >= most);
	return ARTWORK_SIZES_PX.slice(0, enough < 0 ? undefined : enough + 1).map((px) => {
		const edge = Math.min(px, most);
		const src = new URL(`${address}?size=${px}&format=jpeg`, base).href;
		return { src, sizes: `${edge}x${edge}`, type: 'image/jpeg' };
	});
}
