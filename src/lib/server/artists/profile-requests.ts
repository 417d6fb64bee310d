import type { ArtistResponse } from '#lib/artists/artist.ts';
import type { Viewer } from '#lib/auth/viewer.ts';
import type { Context } from '#lib/server/context.ts';
import { createArtist, findOwnArtist, updateArtist } from './artists.ts';
import { keepAvatarFrom, keepPublicAvatar } from './avatars.ts';

/** A profile as programs send it. */
export interface ProfileRequest {
	display_name?: string | null | undefined;
	bio?: string | null | undefined;
	/** left out: at creation the picture of the public profile, later as it is. Empty: none */
	avatar_url?: string | null | undefined;
}

/** Makes the viewer's artist profile. @throws DomainError as `createArtist` and `keepAvatarFrom` */
export async function createArtistFromApi(
	ctx: Context,
	viewer: Viewer,
	{ display_name: displayName, bio, avatar_url: avatarUrl }: ProfileRequest
): Promise<ArtistResponse> {
	const avatarImageId = await firstAvatar(ctx, viewer, avatarUrl ?? undefined);
	const profile = { displayName: displayName ?? '', bio: bio ?? null, avatarImageId };
	return createArtist(ctx, viewer, profile);
}

async function firstAvatar(
	ctx: Context,
	viewer: Viewer,
	url: string | undefined
): Promise<string | null> {
	if (url === undefined) return keepPublicAvatar(ctx, viewer);
	return url === '' ? null : keepAvatarFrom(ctx, viewer, url);
}

/** Changes the viewer's artist profile. @throws DomainError as `updateArtist` and `keepAvatarFrom` */
export async function updateArtistFromApi(
	ctx: Context,
	viewer: Viewer,
	{ display_name: displayName, bio, avatar_url: avatarUrl }: ProfileRequest
): Promise<ArtistResponse> {
	const present = await findOwnArtist(ctx, viewer);
	const avatarImageId = await changedAvatar(ctx, viewer, avatarUrl ?? null, present.avatar_url);
	return updateArtist(ctx, viewer, { displayName, bio, avatarImageId });
}

/** The image id of another avatar, empty for none any more, null for the same as before. */
async function changedAvatar(
	ctx: Context,
	viewer: Viewer,
	url: string | null,
	present: string | null
): Promise<string | null> {
	// clients send back what they were given
	if (url === null || url === present) return null;
	return url === '' ? '' : keepAvatarFrom(ctx, viewer, url);
}
