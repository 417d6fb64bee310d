import { artistPath } from '#lib/artists/artist-path.ts';
import { getLikedPage } from '#lib/server/artists/liked-page.ts';
import { describePage } from '#lib/server/http/head-tags.ts';
import { moved } from '#lib/server/http/moved.ts';
import { page } from '#lib/server/http/respond.ts';
import type { PageServerLoadEvent } from './$types.js';

/** What an artist likes, when they show it; `?cursor=` goes on where an earlier page ended. */
export const load = page(async (event: PageServerLoadEvent) => {
	const { locals, params, url } = event;
	const cursor = url.searchParams.get('cursor') || undefined;
	const found = await getLikedPage(locals.ctx, locals.viewer, params.handle, { cursor });
	if ('movedTo' in found) moved(event, found.movedTo + url.search);
	const { artist } = found;
	describePage(event, {
		path: `${artistPath(artist)}/liked`,
		description: `what ${artist.displayName} likes on ${locals.ctx.config.appName}`,
		// the tracks have pages of their own, and what somebody likes changes all the time
		isHidden: true
	});
	return { ...found, isFirstPage: cursor === undefined };
});
