import type { Sharp, SharpOptions } from 'sharp';
import { DomainError, invalid } from '#lib/server/errors.ts';
import { backgroundFor, describeColours } from './render-colours.ts';
import { encode } from './render-formats.ts';
import { pixels } from './render-pixels.ts';
import { formatsOf, type ImageShape, plannedSizes, type Rendition } from './renditions.ts';
import type { ImageKind } from './sniff-image.ts';

/** More pixels than any camera of today makes; beyond it a small file can hold gigabytes. */
const MAX_PIXELS = 60_000_000;
/** A file made to be slow must not keep the others waiting. */
const LONGEST_STEP_SECONDS = 30;

export interface RenderedPicture {
	/** of the picture as it was given, turned upright */
	widthPx: number;
	heightPx: number;
	renditions: (Rendition & { bytes: Buffer })[];
	/** a data address of less than 500 bytes */
	placeholder: string;
	/** #rrggbb */
	dominantColor: string;
}

/**
 * Turns a picture upright, converts it to sRGB, drops its metadata, puts what is transparent on a
 * plain ground and renders every size and format in which it is kept. Of an animation the first
 * picture counts.
 * @throws DomainError 400 `broken_image`, `image_too_many_pixels`, `image_too_slow` or
 *   `heic_unreadable`
 */
export async function renderPicture(bytes: Uint8Array, kind: ImageKind): Promise<RenderedPicture> {
	try {
		return await render(bytes);
	} catch (cause) {
		throw refusal(kind, cause);
	}
}

async function render(bytes: Uint8Array): Promise<RenderedPicture> {
	// loaded on first use: a process that never sees a picture does not pay for its memory
	const { default: sharp } = await import('sharp');
	sharp.cache(false);
	// one core is enough for pictures: the others serve requests meanwhile
	sharp.concurrency(1);
	const options: SharpOptions = { limitInputPixels: MAX_PIXELS, failOn: 'error' };
	const open = () => sharp(bytes, options).timeout({ seconds: LONGEST_STEP_SECONDS }).autoOrient();

	const { autoOrient: size, hasAlpha } = await sharp(bytes, options).metadata();
	const background = hasAlpha ? await backgroundFor(open()) : null;
	const opaque = () => (background ? open().flatten({ background }) : open());
	const sizes = plannedSizes(size);
	const renditions: RenderedPicture['renditions'] = [];
	let colours: Pick<RenderedPicture, 'placeholder' | 'dominantColor'> | undefined;
	for (const shape of new Set(sizes.map((one) => one.shape))) {
		const edgesPx = sizes.filter((one) => one.shape === shape).map((one) => one.edgePx);
		// the whole file is decoded once per shape, the smaller sizes are made of the largest
		const largest = await pixels(resized(opaque(), shape, Math.max(...edgesPx)));
		const picture = () => sharp(largest.bytes, { raw: largest.raw });
		for (const edgePx of edgesPx) {
			for (const format of formatsOf(edgePx)) {
				const one = resized(picture(), shape, edgePx);
				renditions.push({ shape, edgePx, format, bytes: await encode(one, format) });
			}
		}
		colours ??= await describeColours(picture);
	}
	if (!colours) throw new Error('a picture has at least one size');
	return { widthPx: size.width, heightPx: size.height, renditions, ...colours };
}

/**
 * A square is the middle: artists see beforehand what they get, most covers are square anyway, and
 * the same picture gives the same bytes whichever version of the library looks for its subject.
 */
function resized(picture: Sharp, shape: ImageShape, edgePx: number): Sharp {
	const fit = shape === 'square' ? 'cover' : 'inside';
	return picture.resize(edgePx, edgePx, { fit, withoutEnlargement: true });
}

function refusal(kind: ImageKind, cause: unknown): DomainError {
	const reason = cause instanceof Error ? cause.message : '';
	if (/pixel limit/.test(reason)) {
		return invalid('image_too_many_pixels', 'this picture has too many pixels (max 60 million)', {
			cause
		});
	}
	if (/timeout/.test(reason)) {
		const sentence = 'this picture takes too long to read. save it as a plain jpeg and send that';
		return invalid('image_too_slow', sentence, { cause });
	}
	// which codecs there are is known only by trying: the library may have been built with any
	if (kind === 'heic') {
		const sentence = 'heic photos cannot be read here. save it as a jpeg and send that';
		return invalid('heic_unreadable', sentence, { cause });
	}
	return invalid('broken_image', 'this picture cannot be read: the file is damaged', { cause });
}
