import { openOverview } from '#lib/server/admin/overview.ts';
import { requireOperator } from '#lib/server/http/guards.ts';
import { page } from '#lib/server/http/respond.ts';
import type { PageServerLoadEvent } from './$types.js';

/** Whether everything works, what waits, and what it costs. */
export const load = page(async (event: PageServerLoadEvent) => {
	requireOperator(event);
	return await openOverview(event.locals.ctx);
});
