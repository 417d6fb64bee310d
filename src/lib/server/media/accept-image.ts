import { IMAGE_FORMATS, type ImageFormat } from './renditions.ts';

/**
 * The smallest format an Accept header names. jpeg for a client that names none of ours: whatever
 * it is (a link preview, a lock screen, a program), it reads that.
 */
export function acceptedFormat(accept: string | null): ImageFormat {
	const named = new Set<string>();
	for (const part of (accept ?? '').toLowerCase().split(',')) {
		const [type = '', ...parameters] = part.split(';').map((piece) => piece.trim());
		const isRefused = parameters.some((one) => /^q=0(\.0*)?$/.test(one));
		if (!isRefused) named.add(type);
	}
	return IMAGE_FORMATS.find((format) => named.has(`image/${format}`)) ?? 'jpeg';
}
