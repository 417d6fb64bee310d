import type { Context } from '#lib/server/context.ts';
import { checkReadiness, type Readiness } from '#lib/server/health/health.ts';
import { countOpen } from '#lib/server/moderation/operator-queue.ts';
import { getCosts } from '#lib/server/site/costs.ts';
import type { Costs } from '#lib/site/costs.ts';
import { countUploads } from './queries.ts';

/** What whoever runs the site sees first. */
export interface AdminOverview {
	health: Readiness;
	costs: Costs;
	/** what waits for them */
	waiting: { reported: number; notices: number };
	uploads: { underWay: number; failedLately: number };
}

/** Each part of the health has two seconds at most to answer. */
export async function openOverview(ctx: Context): Promise<AdminOverview> {
	const [health, costs, waiting, uploads] = await Promise.all([
		checkReadiness(ctx),
		getCosts(ctx),
		countOpen(ctx),
		countUploads(ctx.db)
	]);
	const { under_way: underWay, failed_lately: failedLately } = uploads;
	return { health, costs, waiting, uploads: { underWay, failedLately } };
}
