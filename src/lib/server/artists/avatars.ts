import type { Viewer } from '#lib/auth/viewer.ts';
import type { Context } from '#lib/server/context.ts';
import { DomainError, unprocessable } from '#lib/server/errors.ts';
import { takeFromLimit } from '#lib/server/limits/limits.ts';
import { storeImage } from '#lib/server/media/images.ts';
import { sniffImage } from '#lib/server/media/sniff-image.ts';
import {
	fetchAvatar,
	fetchPicture,
	type PublicAvatar,
	readPublicProfile
} from './public-profile.ts';

/** The picture of the viewer's public profile as it is there; undefined when it cannot be had. */
export async function readPublicAvatar(
	ctx: Pick<Context, 'log' | 'oauth'>,
	viewer: Viewer
): Promise<{ bytes: Buffer; contentType: string } | undefined> {
	const profile = await readPublicProfile(ctx, viewer.did);
	const bytes = profile?.avatar && (await fetchAvatar(ctx, profile.avatar));
	const kind = bytes && sniffImage(bytes);
	return kind ? { bytes, contentType: `image/${kind}` } : undefined;
}

/** Keeps the picture of the viewer's public profile. @returns image_id, or null without one we can use */
export async function keepPublicAvatar(ctx: Context, viewer: Viewer): Promise<string | null> {
	const picture = await readPublicAvatar(ctx, viewer);
	return picture ? await storeIfUsable(ctx, viewer.did, picture.bytes) : null;
}

/** Keeps the picture of anybody's public profile. @returns image_id, or null when we cannot use it */
export async function storePublicAvatar(
	ctx: Context,
	avatar: PublicAvatar
): Promise<string | null> {
	const bytes = await fetchAvatar(ctx, avatar);
	return bytes ? await storeIfUsable(ctx, avatar.did, bytes) : null;
}

async function storeIfUsable(ctx: Context, did: string, bytes: Buffer): Promise<string | null> {
	try {
		return (await storeImage(ctx, bytes)).imageId;
	} catch (cause) {
		if (!(cause instanceof DomainError)) throw cause;
		ctx.log.info('public_avatar_unusable', { did, code: cause.code });
		return null;
	}
}

/**
 * Keeps a picture from an address the viewer gave. How often is limited: we ask others for it.
 * @returns image_id
 * @throws DomainError 422 naming `avatar_url` when there is no picture we can use; 429
 */
export async function keepAvatarFrom(ctx: Context, viewer: Viewer, url: string): Promise<string> {
	await takeFromLimit(ctx, { name: 'fetched_pictures', key: viewer.did });
	const bytes = URL.canParse(url) ? await fetchPicture(ctx, url) : undefined;
	if (!bytes) throw unprocessable('avatar_url', 'there is no picture at that address');
	return (await storeImage(ctx, bytes)).imageId;
}
