import type { Sharp } from 'sharp';
import type { ImageFormat } from './renditions.ts';

/**
 * Writes a picture in a format, without metadata. Effort 1 for avif: a quarter of the time of the
 * next one up that is any smaller, and already a third smaller than webp.
 */
export async function encode(picture: Sharp, format: ImageFormat): Promise<Buffer> {
	switch (format) {
		case 'avif':
			return await picture.avif({ quality: 55, effort: 1, chromaSubsampling: '4:2:0' }).toBuffer();
		case 'webp':
			return await picture.webp({ quality: 82, effort: 2 }).toBuffer();
		case 'jpeg':
			return await picture.jpeg({ quality: 82, mozjpeg: true }).toBuffer();
	}
}
