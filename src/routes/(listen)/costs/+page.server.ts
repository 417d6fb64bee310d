import { describePage } from '#lib/server/http/head-tags.ts';
import { page } from '#lib/server/http/respond.ts';
import { getCosts } from '#lib/server/site/costs.ts';
import { operatorOf } from '#lib/server/site/operator.ts';
import type { PageServerLoadEvent } from './$types.js';

/** What the site keeps, and what it costs. */
export const load = page(async (event: PageServerLoadEvent) => {
	const { ctx } = event.locals;
	const description = `what ${ctx.config.appName} stores, and what that costs whoever runs it`;
	describePage(event, { path: '/costs', description });
	return { costs: await getCosts(ctx), operator: operatorOf(ctx.config) };
});
