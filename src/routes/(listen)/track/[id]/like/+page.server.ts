import { safeReturnTo } from '#lib/auth/return-to.ts';
import { likeFormAction } from '#lib/server/http/like-form.ts';
import { page } from '#lib/server/http/respond.ts';
import { getTrack } from '#lib/server/tracks/tracks.ts';
import { trackIdIn } from '#lib/tracks/track-id.ts';
import type { Actions, PageServerLoadEvent, RequestEvent } from './$types.js';

/** The like button on a page of its own: where one is when it did not work. */
export const load = page(async ({ locals, params, url }: PageServerLoadEvent) => {
	const track = await getTrack(locals.ctx, locals.viewer, trackIdIn(params.id));
	const returnTo = safeReturnTo(url.searchParams.get('return_to') ?? `/track/${track.id}`);
	return { track, returnTo, hasFailed: url.searchParams.has('failed') };
});

export const actions: Actions = {
	default: page((event: RequestEvent) => likeFormAction(event, trackIdIn(event.params.id)))
};
