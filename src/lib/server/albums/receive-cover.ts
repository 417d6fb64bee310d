import type { Viewer } from '#lib/auth/viewer.ts';
import type { Context } from '#lib/server/context.ts';
import { invalid } from '#lib/server/errors.ts';
import { readForm } from '#lib/server/uploads/multipart.ts';
import { keepStagedImage, stageImage } from '#lib/server/uploads/staged-image.ts';
import { changeAlbum, keepChange } from './change-album.ts';
import { ownAlbum } from './own-album.ts';
import { hasToSignInFirst } from './permission.ts';

/**
 * Receives the cover of an album of the viewer's own as a multipart form with the field `image`, or
 * with `remove_image`, which takes the cover away unless a picture came with it.
 * @param options.mayWait a sign-in without the permission is no reason to refuse: the cover waits,
 * and the error is thrown all the same
 * @returns the picture's id; null: the album has no cover any more
 * @throws DomainError 400 `missing_file`, `unsupported_image` or `broken_image`, 413, and as
 * `changeAlbum`
 */
export async function receiveCover(
	ctx: Context,
	viewer: Viewer,
	albumId: string,
	request: Request,
	options: { mayWait?: boolean } = {}
): Promise<string | null> {
	await ownAlbum(ctx, viewer, albumId);
	const imageId = await readCover(ctx, request);
	try {
		await changeAlbum(ctx, viewer, albumId, { imageId });
	} catch (cause) {
		if (options.mayWait && hasToSignInFirst(cause)) {
			await keepChange(ctx, viewer, albumId, { imageId });
		}
		throw cause;
	}
	return imageId;
}

async function readCover(ctx: Context, request: Request): Promise<string | null> {
	let stagingId = null as string | null;
	let isRemoved = false as boolean;
	try {
		await readForm(
			request,
			(name, value) => {
				if (name === 'remove_image') isRemoved = value === 'true';
			},
			async ({ name, bytes }) => {
				if (name !== 'image' || stagingId !== null) bytes.resume();
				else stagingId = await stageImage(ctx, bytes);
			}
		);
		if (stagingId !== null) return await keepStagedImage(ctx, stagingId);
		if (isRemoved) return null;
		throw invalid('missing_file', 'choose a picture first');
	} finally {
		if (stagingId !== null) await ctx.storage.staging.discard(stagingId);
	}
}
