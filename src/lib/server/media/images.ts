import { createHash } from 'node:crypto';
import type { Context } from '#lib/server/context.ts';
import { conflict, invalid, notFound, tooLarge, unprocessable } from '#lib/server/errors.ts';
import { claimKeys, usablePrefix } from '#lib/server/storage/released-keys.ts';
import { offerImage } from './offer-image.ts';
import { findImageRow, insertImage } from './queries.ts';
import { renderSquares, SQUARE_EDGES_PX } from './render-squares.ts';
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
	const known = await findImageRow(ctx.db, imageId);
	// whoever is about to let go of it sees that it was given again
	if (known?.sha256 === sha256 && (await offerImage(ctx, imageId))) return { imageId };
	if (known && known.sha256 !== sha256) {
		throw conflict(
			'image_id_taken',
			'another picture has the same id. save yours once more in an image editor and try again'
		);
	}
	const { widthPx, heightPx, squares } = await renderSquares(bytes);
	const renditions: Record<string, string> = {};
	const prefix = await usablePrefix(ctx.db, (suffix) => `images/${imageId}${suffix}`);
	for (const { edgePx, webp } of squares) {
		const key = `${prefix}-${edgePx}.webp`;
		await ctx.storage.put(key, webp, { contentType: 'image/webp' });
		renditions[edgePx] = key;
	}
	await ctx.db.transaction().execute(async (trx) => {
		await claimKeys(trx, imageId, Object.values(renditions));
		await insertImage(trx, { imageId, sha256, renditions, widthPx, heightPx });
	});
	return { imageId };
}

/** A picture that is kept. */
export interface StoredImage {
	imageId: string;
	/** of the picture as it was given */
	widthPx: number;
	heightPx: number;
}

/** Whether a picture is kept; null: there is none with this id. */
export async function findImage(
	ctx: Pick<Context, 'db'>,
	imageId: string
): Promise<StoredImage | null> {
	const row = await findImageRow(ctx.db, imageId);
	return row ? { imageId, widthPx: row.width_px, heightPx: row.height_px } : null;
}

/** One size of a picture, as serving it needs it. */
export interface ImageRendition {
	storageKey: string;
	contentType: string;
	/** 64 hex digits that name these very bytes: a picture of the same id and size never changes */
	sha256: string;
	createdAt: Date;
}

/**
 * One size of a picture.
 * @param size edge length in px as it stands in the address; the larger one when it is left out
 * @throws DomainError 404, 422 for a size that is not kept
 */
export async function getImageRendition(
	ctx: Pick<Context, 'db'>,
	imageId: string,
	size: string | null
): Promise<ImageRendition> {
	const edgePx = size === null ? SQUARE_EDGES_PX.at(-1) : Number(size);
	if (!SQUARE_EDGES_PX.some((edge) => edge === edgePx)) {
		throw unprocessable('size', `size is one of ${SQUARE_EDGES_PX.join(', ')}`);
	}
	const row = /^[0-9a-f]{16}$/.test(imageId) && (await findImageRow(ctx.db, imageId));
	const storageKey = row ? row.renditions[String(edgePx)] : undefined;
	if (!row || storageKey === undefined) throw notFound('image not found', 'image_not_found');
	const sha256 = createHash('sha256').update(`${row.sha256} ${edgePx}`).digest('hex');
	return { storageKey, contentType: 'image/webp', sha256, createdAt: row.created_at };
}
