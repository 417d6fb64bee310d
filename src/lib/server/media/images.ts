import { createHash } from 'node:crypto';
import type { Context } from '#lib/server/context.ts';
import { conflict, invalid, notFound, tooLarge, unprocessable } from '#lib/server/errors.ts';
import { refuseHiddenImage } from '#lib/server/moderation/taken-down.ts';
import { claimKeys, KeyReleased, usablePrefix } from '#lib/server/storage/released-keys.ts';
import { acceptedFormat } from './accept-image.ts';
import { findImageRow, type ImageRow, keepImageRow, offerImageRow } from './queries.ts';
import { type RenderedPicture, renderPicture } from './render-picture.ts';
import {
	chooseRendition,
	FEED_SIZE_PX,
	IMAGE_FORMATS,
	IMAGE_SHAPES,
	IMAGE_SIZES_PX,
	renditionName,
	type RenditionKeys,
	withEarlierNames
} from './renditions.ts';
import { sniffImage } from './sniff-image.ts';

/** Largest picture file that is accepted. */
export const MAX_IMAGE_BYTES = 20 * 1024 * 1024;

type Keeper = Pick<Context, 'db' | 'storage'>;

/**
 * Keeps a picture: recognised by its content (jpeg, png, webp, gif, avif, and heic where it can be
 * read), turned upright, its metadata removed, in every size, shape and format of `renditions.ts`.
 * The same picture again is the same image: nothing is stored twice. When it fails or the process
 * dies there is no such image, and calling it again completes it.
 * @param bytes the picture as it was given, at most `MAX_IMAGE_BYTES`
 * @returns image_id: the first 16 hex characters of the SHA-256 of `bytes`
 * @throws DomainError 400 `unsupported_image`, `broken_image`, `heic_unreadable`,
 *   `image_too_many_pixels` or `image_too_slow`; 409 `image_id_taken`; 413 `image_too_large`
 */
export async function storeImage(ctx: Keeper, bytes: Uint8Array): Promise<{ imageId: string }> {
	if (bytes.byteLength > MAX_IMAGE_BYTES) {
		throw tooLarge('image_too_large', 'image too large (max 20MB)');
	}
	const kind = sniffImage(bytes);
	if (kind === null) {
		throw invalid(
			'unsupported_image',
			'this is not a picture we can use. supported: jpeg, png, webp, gif, avif'
		);
	}
	const sha256 = createHash('sha256').update(bytes).digest('hex');
	const imageId = sha256.slice(0, 16);
	if (await isKept(ctx, imageId, sha256)) return { imageId };
	await inTurn(async () => {
		// whoever was before us may have brought the same picture
		if (await isKept(ctx, imageId, sha256)) return;
		await keep(ctx, { imageId, sha256, ...(await renderPicture(bytes, kind)) });
	});
	return { imageId };
}

type NewImage = RenderedPicture & { imageId: string; sha256: string };

/** Stores the objects, then the row: under other keys when those are being deleted meanwhile. */
async function keep(ctx: Keeper, image: NewImage, attemptsLeft = 3): Promise<void> {
	const prefix = await usablePrefix(ctx.db, (suffix) => `images/${image.imageId}${suffix}-`);
	const renditions = withEarlierNames(await putRenditions(ctx, prefix, image));
	try {
		await ctx.db.transaction().execute(async (trx) => {
			await claimKeys(trx, image.imageId, Object.values(renditions));
			if (!(await keepImageRow(trx, { ...image, renditions }))) throw idTaken();
		});
	} catch (cause) {
		if (!(cause instanceof KeyReleased) || attemptsLeft === 1) throw cause;
		await keep(ctx, image, attemptsLeft - 1);
	}
}

/**
 * Whether a picture is kept, which it then is for another day at least. One of an earlier version has
 * no placeholder, and few sizes: it is completed.
 */
async function isKept({ db }: Keeper, imageId: string, sha256: string): Promise<boolean> {
	const row = await offerImageRow(db, imageId);
	if (row && row.sha256 !== sha256) throw idTaken();
	return row !== undefined && row.placeholder !== null;
}

const idTaken = () =>
	conflict(
		'image_id_taken',
		'another picture has the same id. save yours once more in an image editor and try again'
	);

/** Decoding takes tens of megabytes: one picture at a time per process. */
let lastTurn: Promise<unknown> = Promise.resolve();

function inTurn<T>(work: () => Promise<T>): Promise<T> {
	const turn = lastTurn.then(work, work);
	lastTurn = turn;
	return turn;
}

/** Stores every rendition; the row comes after all of them. @returns their keys by name */
async function putRenditions(
	{ storage }: Keeper,
	prefix: string,
	{ renditions }: RenderedPicture
): Promise<RenditionKeys> {
	const keys: RenditionKeys = {};
	const puts = renditions.map(async (rendition) => {
		const name = renditionName(rendition);
		const key = `${prefix}${name}`;
		await storage.put(key, rendition.bytes, { contentType: `image/${rendition.format}` });
		keys[name] = key;
	});
	// none is left behind at work when one fails
	const failed = (await Promise.allSettled(puts)).find((put) => put.status === 'rejected');
	if (failed) throw failed.reason;
	return keys;
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

/** Which form of a picture, as it stands in the address and the head of a request. */
export interface RenditionRequest {
	/** 96, 320, 640, 1200 or 1400: the edge of a square, the longest edge of a whole picture; else 1200 */
	size?: string | null;
	/** square when it is left out */
	shape?: string | null;
	/** by the Accept header when it is left out */
	format?: string | null;
	accept?: string | null;
}

/** One form of a picture, as serving it needs it. */
export interface ImageRendition {
	storageKey: string;
	contentType: string;
	/** 64 hex digits that name these very bytes */
	sha256: string;
	createdAt: Date;
}

const SIZES = [...IMAGE_SIZES_PX, FEED_SIZE_PX].map(String);

/**
 * The form of a picture that is closest to what is wanted. A picture that is smaller than that is
 * given as large as it is; one of an earlier version in the format it was kept in.
 * @throws DomainError 404 `image_not_found`; 422 for a size, shape or format there is not
 */
export async function getImageRendition(
	ctx: Pick<Context, 'db'>,
	imageId: string,
	{ size, shape, format, accept }: RenditionRequest
): Promise<ImageRendition> {
	const wanted = {
		edgePx: Number(oneOf('size', SIZES, size ?? '1200')),
		shape: oneOf('shape', IMAGE_SHAPES, shape ?? 'square'),
		format: oneOf('format', IMAGE_FORMATS, format ?? acceptedFormat(accept ?? null))
	};
	const row = await rowOf(ctx, imageId);
	const chosen = row && chooseRendition(row.renditions, wanted);
	if (!chosen) throw notFound('image not found', 'image_not_found');
	await refuseHiddenImage(ctx.db, imageId);
	const { storageKey } = chosen;
	const sha256 = createHash('sha256').update(`${row.sha256} ${storageKey}`).digest('hex');
	const contentType = `image/${chosen.format}`;
	return { storageKey, contentType, sha256, createdAt: row.created_at };
}

const rowOf = async ({ db }: Pick<Context, 'db'>, id: string): Promise<ImageRow | undefined> =>
	/^[0-9a-f]{16}$/.test(id) ? await findImageRow(db, id) : undefined;

function oneOf<T extends string>(field: string, all: readonly T[], text: string): T {
	const found = all.find((one) => one === text);
	if (found === undefined) throw unprocessable(field, `${field} is one of ${all.join(', ')}`);
	return found;
}
