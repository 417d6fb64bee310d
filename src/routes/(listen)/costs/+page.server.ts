import { page } from '#lib/server/http/respond.ts';
import { getCosts } from '#lib/server/site/costs.ts';
import { operatorOf } from '#lib/server/site/operator.ts';
import type { PageServerLoadEvent } from './$types.js';

/** What the site keeps, and what it costs. */
export const load = page(async ({ locals: { ctx } }: PageServerLoadEvent) => ({
	costs: await getCosts(ctx),
	operator: operatorOf(ctx.config)
}));
