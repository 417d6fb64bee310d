import { page } from '#lib/server/http/respond.ts';
import { searchRequest } from '#lib/server/http/search-request.ts';
import { getSearchPage } from '#lib/server/search/search-page.ts';
import type { PageServerLoadEvent } from './$types.js';

/** What fits `?q=`, some of each kind; `?kind=` all of one, a page at a time. */
export const load = page(async ({ locals, url }: PageServerLoadEvent) => {
	const { kind, cursor, q } = searchRequest(url.searchParams);
	const found = await getSearchPage(locals.ctx, locals.viewer, { q, kind, cursor });
	return { ...found, isFirstPage: cursor === undefined };
});
