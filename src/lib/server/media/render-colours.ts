import type { Sharp } from 'sharp';
import { type Pixels, pixels } from './render-pixels.ts';

const WHITE = '#ffffff';
/** --surface of src/app.css */
const DARK = '#141414';

/** Enough to see which colours there are. */
const SAMPLE_EDGE_PX = 64;
const PLACEHOLDER_EDGE_PX = 16;

/**
 * The ground on which a picture that is transparent in places stands out: dark for a light one,
 * otherwise white. All formats get it, so that a picture looks the same in each and on every page.
 */
export async function backgroundFor(picture: Sharp): Promise<string> {
	const { bytes } = await pixels(
		picture.resize(SAMPLE_EDGE_PX, SAMPLE_EDGE_PX, { fit: 'inside' }).ensureAlpha()
	);
	let light = 0;
	let weight = 0;
	for (let at = 0; at + 3 < bytes.length; at += 4) {
		const [red = 0, green = 0, blue = 0, alpha = 0] = bytes.subarray(at, at + 4);
		light += (0.2126 * red + 0.7152 * green + 0.0722 * blue) * alpha;
		weight += alpha;
	}
	return light > weight * 160 ? DARK : WHITE;
}

/**
 * What is shown while a picture loads.
 * @param picture opaque, small enough to be decoded again and again
 */
export async function describeColours(
	picture: () => Sharp
): Promise<{ placeholder: string; dominantColor: string }> {
	const tiny = await picture()
		.resize(PLACEHOLDER_EDGE_PX, PLACEHOLDER_EDGE_PX, { fit: 'fill' })
		.blur(1)
		.webp({ quality: 70, effort: 6, smartSubsample: true })
		.toBuffer();
	const sample = await pixels(
		picture().resize(SAMPLE_EDGE_PX, SAMPLE_EDGE_PX, { fit: 'fill', kernel: 'nearest' })
	);
	return {
		placeholder: `data:image/webp;base64,${tiny.toString('base64')}`,
		dominantColor: dominantColor(sample)
	};
}

/** The mean of the most common shade, of 16 × 16 × 16. */
function dominantColor({ bytes, raw: { channels } }: Pixels): string {
	const shades = new Map<number, { count: number; sum: [number, number, number] }>();
	for (let at = 0; at + channels <= bytes.length; at += channels) {
		const red = bytes[at] ?? 0;
		const green = bytes[channels < 3 ? at : at + 1] ?? 0;
		const blue = bytes[channels < 3 ? at : at + 2] ?? 0;
		const key = ((red >> 4) << 8) | ((green >> 4) << 4) | (blue >> 4);
		const { count, sum } = shades.get(key) ?? { count: 0, sum: [0, 0, 0] };
		shades.set(key, { count: count + 1, sum: [sum[0] + red, sum[1] + green, sum[2] + blue] });
	}
	const [{ count, sum } = { count: 1, sum: [0, 0, 0] }] = [...shades.values()].sort(
		(a, b) => b.count - a.count
	);
	return `#${sum
		.map((all) =>
			Math.round(all / count)
				.toString(16)
				.padStart(2, '0')
		)
		.join('')}`;
}
