import { openHome } from '#lib/server/home/home.ts';
import { page } from '#lib/server/http/respond.ts';
import type { PageServerLoadEvent } from './$types.js';

/** The newest tracks; `?cursor=` goes on where an earlier page ended. */
export const load = page(({ locals, url }: PageServerLoadEvent) =>
	openHome(locals.ctx, locals.viewer, url.searchParams.get('cursor') ?? undefined)
);
