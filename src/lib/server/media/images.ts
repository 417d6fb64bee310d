import { createHash } from 'node:crypto';
import type { Context } from '#lib/server/context.ts';
import { conflict, invalid, tooLarge } from '#lib/server/errors.ts';
import { findImage, insertImage } from './queries.ts';
import { renderSquares } from './render-squares.ts';
import { sniffImage } from './sniff-image.ts';

/** Largest picture file that is accepted. */
export const MAX_IMAGE_BYTES = 20 * 1024 * 1024;

/**
 * Keeps a picture: recognised by its content (jpeg, png, webp, gif, avif), turned upright, its
 * metadata removed, cropped to squares of 320 and 1200 px. The same picture again is the same
 * image: nothing is stored twice.
 * @param bytes the picture as it was given, at most `MAX_IMAGE_BYTES`
 * @returns image_id: the first 16 hex characters of the SHA-256 of `bytes`
 * @throws DomainError 400 `unsupported_image` or `broken_image`, 413 `image_too_large`
 */
export async function storeImage(ctx: Context, bytes: Uint8Array): Promise<{ imageId: string }> {
	if (bytes.byteLength > MAX_IMAGE_BYTES) {
		throw tooLarge('image_too_large', 'image too large (max 20MB)');
	}
	if (sniffImage(bytes) === null) {
		throw invalid(
			'unsupported_image',
			'this is not a picture we can use. supported: jpeg, png, webp, gif, avif'
		);
	}
	const sha256 = createHash('sha256').update(bytes).digest('hex');
	const imageId = sha256.slice(0, 16);
	const known = await findImage(ctx.db, imageId);
	if (known?.sha256 === sha256) return { imageId };
	if (known) {
		throw conflict(
			'image_id_taken',
			'another picture has the same id. save yours once more in an image editor and try again'
		);
	}
	const { widthPx, heightPx, squares } = await renderSquares(bytes);
	const renditions: Record<string, string> = {};
	for (const { edgePx, webp } of squares) {
		const key = `images/${imageId}-${edgePx}.webp`;
		await ctx.storage.put(key, webp, { contentType: 'image/webp' });
		renditions[edgePx] = key;
	}
	await insertImage(ctx.db, { imageId, sha256, renditions, widthPx, heightPx });
	return { imageId };
}
