import { fail, redirect } from '@sveltejs/kit';
import { requireArtistPage } from '#lib/server/http/guards.ts';
import { page } from '#lib/server/http/respond.ts';
import { openEditForm, saveEditForm } from '#lib/server/tracks/edit-form.ts';
import { MAX_IMAGE_BYTES } from '#lib/server/media/images.ts';
import { trackIdIn } from '#lib/tracks/track-id.ts';
import type { Actions, PageServerLoadEvent, RequestEvent } from './$types.js';

/** The form of one's own track. */
export const load = page(async (event: PageServerLoadEvent) => {
	const viewer = requireArtistPage(event);
	const opened = await openEditForm(event.locals.ctx, viewer, trackIdIn(event.params.id));
	return { ...opened, maxImageBytes: MAX_IMAGE_BYTES };
});

export const actions = {
	default: page(async (event: RequestEvent) => {
		const viewer = requireArtistPage(event);
		const id = trackIdIn(event.params.id);
		const refused = await saveEditForm(event.locals.ctx, viewer, id, event.request);
		if (refused) return fail(refused.status, refused.form);
		redirect(303, `/track/${id}`);
	})
} satisfies Actions;
