import type { Sharp } from 'sharp';

/** Pixels without a container: sRGB, 8 bits for each channel. */
export interface Pixels {
	bytes: Buffer;
	raw: { width: number; height: number; channels: 1 | 2 | 3 | 4 };
}

/** Carries out what was asked of a picture. */
export async function pixels(picture: Sharp): Promise<Pixels> {
	const { data, info } = await picture
		.toColourspace('srgb')
		.raw()
		.toBuffer({ resolveWithObject: true });
	const { width, height, channels } = info;
	return { bytes: data, raw: { width, height, channels } };
}
