import { page } from '#lib/server/http/respond.ts';
import { getTrack } from '#lib/server/tracks/tracks.ts';
import type { PageServerLoadEvent } from './$types.js';

/** One track. 404 when there is none with this id. */
export const load = page(async ({ locals, params }: PageServerLoadEvent) => {
	return { track: await getTrack(locals.ctx, locals.viewer, Number(params.id)) };
});
