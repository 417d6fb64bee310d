import { redirect } from '@sveltejs/kit';
import { page } from '#lib/server/http/respond.ts';
import { findPermalink } from '#lib/server/permalinks/permalinks.ts';
import type { PageServerLoadEvent } from './$types.js';

/** `/at/{did}/{collection}/{rkey}` leads to the page of a record, wherever that is at present. */
export const load = page(async ({ locals, params, setHeaders }: PageServerLoadEvent) => {
	setHeaders({ 'cache-control': 'no-cache' });
	redirect(303, await findPermalink(locals.ctx, params.uri));
});
