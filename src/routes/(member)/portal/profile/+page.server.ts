import { getOwnProfile } from '#lib/server/artists/profile-form.ts';
import { requireArtistPage } from '#lib/server/http/guards.ts';
import { profileFormAction } from '#lib/server/http/profile-form-action.ts';
import { page } from '#lib/server/http/respond.ts';
import { MAX_IMAGE_BYTES } from '#lib/server/media/images.ts';
import type { Actions, PageServerLoadEvent } from './$types.js';

/** The viewer's own profile, as a form. */
export const load = page(async (event: PageServerLoadEvent) => {
	const viewer = requireArtistPage(event);
	const profile = await getOwnProfile(event.locals.ctx, viewer);
	const isSaved = event.url.searchParams.has('saved');
	return { profile, isSaved, maxImageBytes: MAX_IMAGE_BYTES };
});

export const actions = {
	default: (event) => profileFormAction(event, requireArtistPage(event))
} satisfies Actions;
