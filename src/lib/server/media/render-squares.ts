import type { Sharp, SharpOptions } from 'sharp';
import { invalid } from '#lib/server/errors.ts';

/** Edge lengths that are kept: for lists, and for pages and link previews. */
export const SQUARE_EDGES_PX = [320, 1200] as const;

/** More pixels than any camera of today makes; beyond it a small file can hold gigabytes. */
const MAX_PIXELS = 60_000_000;

export interface Squares {
	/** of the picture as it was given, turned upright */
	widthPx: number;
	heightPx: number;
	squares: { edgePx: number; webp: Buffer }[];
}

/** Decoding takes tens of megabytes: one picture at a time per process. */
let previous: Promise<unknown> = Promise.resolve();

/**
 * Turns a picture upright, converts it to sRGB, drops its metadata and cuts the middle square, in
 * each size of `SQUARE_EDGES_PX`. A smaller picture is not enlarged.
 * @throws DomainError 400 `broken_image` or `image_too_many_pixels`
 */
export function renderSquares(bytes: Uint8Array): Promise<Squares> {
	const running = previous.then(
		() => render(bytes),
		() => render(bytes)
	);
	previous = running;
	return running;
}

async function render(bytes: Uint8Array): Promise<Squares> {
	// loaded on first use: a process that never sees a picture does not pay for its memory
	const { default: sharp } = await import('sharp');
	sharp.cache(false);
	sharp.concurrency(1);
	const options: SharpOptions = { limitInputPixels: MAX_PIXELS, failOn: 'error' };
	try {
		const { autoOrient } = await sharp(bytes, options).metadata();
		const squares = [];
		for (const edgePx of SQUARE_EDGES_PX) {
			const webp = await square(sharp(bytes, options), edgePx, autoOrient);
			squares.push({ edgePx, webp });
		}
		return { widthPx: autoOrient.width, heightPx: autoOrient.height, squares };
	} catch (cause) {
		if (cause instanceof Error && /pixel limit/.test(cause.message)) {
			throw invalid('image_too_many_pixels', 'this picture has too many pixels (max 60 million)', {
				cause
			});
		}
		throw invalid('broken_image', 'this picture cannot be read: the file is damaged', { cause });
	}
}

async function square(
	picture: Sharp,
	edgePx: number,
	size: { width: number; height: number }
): Promise<Buffer> {
	const edge = Math.min(edgePx, size.width, size.height);
	return await picture
		.autoOrient()
		.resize(edge, edge, { fit: 'cover' })
		.toColourspace('srgb')
		.webp({ quality: 82 })
		.toBuffer();
}
