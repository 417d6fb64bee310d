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
	const avatarImageId =
		avatarUrl == null
			? await keepPublicAvatar(ctx, viewer)
			: avatarUrl === ''
				? null
				: await keepAvatarFrom(ctx, avatarUrl);
	const profile = { displayName: displayName ?? '', bio: bio ?? null, avatarImageId };
	return createArtist(ctx, viewer, profile);
}

/** Changes the viewer's artist profile. @throws DomainError as `updateArtist` and `keepAvatarFrom` */
export async function updateArtistFromApi(
	ctx: Context,
	viewer: Viewer,
	{ display_name: displayName, bio, avatar_url: avatarUrl }: ProfileRequest
): Promise<ArtistResponse> {
	const present = await findOwnArtist(ctx, viewer);
	// clients send back what they were given
	const isSame = avatarUrl == null || avatarUrl === present.avatar_url;
	const avatarImageId = isSame ? null : avatarUrl && (await keepAvatarFrom(ctx, avatarUrl));
	return updateArtist(ctx, viewer, { displayName, bio, avatarImageId });
}
