import { pageRequest } from '#lib/server/http/page-request.ts';
import { page } from '#lib/server/http/respond.ts';
import { openLikersPage } from '#lib/server/likes/likers-page.ts';
import { trackIdIn } from '#lib/tracks/track-id.ts';
import type { PageServerLoadEvent } from './$types.js';

/** Who likes a track; `?cursor=` goes on where an earlier page ended. */
export const load = page(async ({ locals, params, url }: PageServerLoadEvent) => {
	const request = pageRequest(url.searchParams);
	const shown = await openLikersPage(locals.ctx, locals.viewer, trackIdIn(params.id), request);
	return { ...shown, isFirstPage: request.cursor === undefined };
});
