import type { Viewer } from '#lib/auth/viewer.ts';
import type { Context } from '#lib/server/context.ts';
import { invalid } from '#lib/server/errors.ts';
import { readForm } from '#lib/server/uploads/multipart.ts';
import { keepStagedImage, stageImage } from '#lib/server/uploads/staged-image.ts';
import { changeAlbum, keepChange } from './change-album.ts';
import { ownAlbum } from './own-album.ts';
import { hasToSignInFirst } from './permission.ts';

/**
 * Receives the cover of an album of the viewer's own as a multipart form with the field `image`.
 * @param options.mayWait a sign-in without the permission is no reason to refuse: the cover waits,
 * and the error is thrown all the same
 * @returns the picture's id
 * @throws DomainError 400 `missing_file`, `unsupported_image` or `broken_image`, 413, and as
 * `changeAlbum`
 */
export async function receiveCover(
	ctx: Context,
	viewer: Viewer,
	albumId: string,
	request: Request,
	options: { mayWait?: boolean } = {}
): Promise<string> {
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

async function readCover(ctx: Context, request: Request): Promise<string> {
	let stagingId = null as string | null;
	try {
		await readForm(
			request,
			() => undefined,
			async ({ name, bytes }) => {
				if (name !== 'image' || stagingId !== null) bytes.resume();
				else stagingId = await stageImage(ctx, bytes);
			}
		);
		if (stagingId === null) throw invalid('missing_file', 'choose a picture first');
		return await keepStagedImage(ctx, stagingId);
	} finally {
		if (stagingId !== null) await ctx.storage.staging.discard(stagingId);
	}
}
