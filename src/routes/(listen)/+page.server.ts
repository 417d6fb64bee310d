import { openHome } from '#lib/server/home/home.ts';
import { describePage } from '#lib/server/http/head-tags.ts';
import { page } from '#lib/server/http/respond.ts';
import type { PageServerLoadEvent } from './$types.js';

/** The newest tracks; `?cursor=` goes on where an earlier page ended. */
export const load = page((event: PageServerLoadEvent) => {
	const { locals, url } = event;
	describePage(event, { path: '/', description: locals.ctx.config.tagline });
	return openHome(locals.ctx, locals.viewer, url.searchParams.get('cursor') ?? undefined);
});
