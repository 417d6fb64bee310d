import type { Viewer } from '#lib/auth/viewer.ts';
import type { Context } from '#lib/server/context.ts';
import { createArtist } from './artists.ts';
import { keepPublicAvatar } from './avatars.ts';
import { readPublicProfile } from './public-profile.ts';

/** What the first form is filled with. */
export interface SetupSuggestion {
	displayName: string;
	bio: string;
	/** their public profile has a picture */
	hasAvatar: boolean;
}

/** Fills the first form from the public profile, as far as it can be read. */
export async function suggestProfile(
	ctx: Pick<Context, 'log' | 'oauth'>,
	viewer: Viewer
): Promise<SetupSuggestion> {
	const profile = await readPublicProfile(ctx, viewer.did);
	return {
		displayName: profile?.displayName || viewer.handle,
		bio: profile?.bio ?? '',
		hasAvatar: profile?.avatar !== undefined
	};
}

/** Makes the artist profile from the first form. @throws DomainError as `createArtist` */
export async function setUpArtist(
	ctx: Context,
	viewer: Viewer,
	form: { displayName: string; bio: string; useAvatar: boolean }
): Promise<void> {
	const avatarImageId = form.useAvatar ? await keepPublicAvatar(ctx, viewer) : null;
	await createArtist(ctx, viewer, { ...form, avatarImageId });
}
