import { feedAlternates } from '#lib/server/feeds/alternates.ts';
import { openHome } from '#lib/server/home/home.ts';
import { askedTrackPath } from '#lib/server/http/asked-track.ts';
import { describePage } from '#lib/server/http/head-tags.ts';
import { moved } from '#lib/server/http/moved.ts';
import { page } from '#lib/server/http/respond.ts';
import type { PageServerLoadEvent } from './$types.js';

/** The newest tracks; `?cursor=` goes on where an earlier page ended, `?track=` leads to one. */
export const load = page((event: PageServerLoadEvent) => {
	const { locals, url } = event;
	const askedPath = askedTrackPath(url);
	if (askedPath !== undefined) moved(event, askedPath);
	const { appName, tagline } = locals.ctx.config;
	describePage(event, {
		path: '/',
		description: tagline,
		alternates: feedAlternates('/', appName)
	});
	return openHome(locals.ctx, locals.viewer, url.searchParams.get('cursor') || undefined);
});
