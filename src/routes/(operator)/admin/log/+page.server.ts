import { requireOperator } from '#lib/server/http/guards.ts';
import { page } from '#lib/server/http/respond.ts';
import { listActions } from '#lib/server/moderation/operator-queue.ts';
import type { PageServerLoadEvent } from './$types.js';

/** What operators did. */
export const load = page(async (event: PageServerLoadEvent) => {
	requireOperator(event);
	const cursor = event.url.searchParams.get('cursor') || undefined;
	return await listActions(event.locals.ctx, cursor === undefined ? {} : { cursor });
});
