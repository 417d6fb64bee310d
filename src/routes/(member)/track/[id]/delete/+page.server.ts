import { redirect } from '@sveltejs/kit';
import { requireArtistPage } from '#lib/server/http/guards.ts';
import { page } from '#lib/server/http/respond.ts';
import { deleteTrack } from '#lib/server/tracks/delete-track.ts';
import { getOwnTrack } from '#lib/server/tracks/own-track.ts';
import { trackIdIn } from '#lib/tracks/track-id.ts';
import type { Actions, PageServerLoadEvent, RequestEvent } from './$types.js';

/** Asks once more before a track of one's own is deleted. */
export const load = page(async (event: PageServerLoadEvent) => {
	const viewer = requireArtistPage(event);
	const id = trackIdIn(event.params.id);
	return { track: await getOwnTrack(event.locals.ctx, viewer, id, 'delete') };
});

export const actions = {
	default: page(async (event: RequestEvent) => {
		const viewer = requireArtistPage(event);
		await deleteTrack(event.locals.ctx, viewer, trackIdIn(event.params.id));
		redirect(303, '/portal');
	})
} satisfies Actions;
