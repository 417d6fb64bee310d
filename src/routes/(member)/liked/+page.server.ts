import { requireViewer } from '#lib/server/http/guards.ts';
import { page } from '#lib/server/http/respond.ts';
import { listOwnLikes } from '#lib/server/likes/liked-tracks.ts';
import type { PageServerLoadEvent } from './$types.js';

const PAGE_SIZE = 50;

/** What the viewer likes; `?cursor=` goes on where an earlier page ended. */
export const load = page(async (event: PageServerLoadEvent) => {
	const viewer = requireViewer(event);
	const cursor = event.url.searchParams.get('cursor') || undefined;
	const request = { limit: PAGE_SIZE, cursor };
	const { tracks, nextCursor } = await listOwnLikes(event.locals.ctx, viewer, request);
	return { tracks, nextCursor, isFirstPage: cursor === undefined };
});
