import { redirect } from '@sveltejs/kit';
import { page } from '#lib/server/http/respond.ts';
import { findPermalink } from '#lib/server/permalinks/permalinks.ts';
import type { PageServerLoadEvent } from './$types.js';

const lead = page(async ({ locals, params }: PageServerLoadEvent): Promise<never> => {
	redirect(303, await findPermalink(locals.ctx, params.uri));
});

/** `/at/{did}/{collection}/{rkey}` leads to the page of a record, wherever that is at present. */
export const load = (event: PageServerLoadEvent): Promise<never> => {
	event.setHeaders({ 'cache-control': 'no-cache' });
	return lead(event);
};
