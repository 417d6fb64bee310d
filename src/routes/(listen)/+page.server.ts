import { describePage } from '#lib/server/http/head-tags.ts';
import { page } from '#lib/server/http/respond.ts';
import { listNewestTracks } from '#lib/server/tracks/tracks.ts';
import type { PageServerLoadEvent } from './$types.js';

const PAGE_SIZE = 50;

/** The newest tracks; `?cursor=` goes on where an earlier page ended. */
export const load = page(async (event: PageServerLoadEvent) => {
	const { locals, url } = event;
	describePage(event, { path: '/', description: locals.ctx.config.tagline });
	const cursor = url.searchParams.get('cursor') ?? undefined;
	const { tracks, nextCursor } = await listNewestTracks(locals.ctx, locals.viewer, {
		limit: PAGE_SIZE,
		cursor
	});
	return { tracks, nextCursor, isFirstPage: cursor === undefined };
});
