import { requireMetricsReader } from '#lib/server/http/metrics-guard.ts';
import { api } from '#lib/server/http/respond.ts';
import { exposition, EXPOSITION_TYPE } from '#lib/server/metrics/exposition.ts';

/** What this process has counted, and what all of them share, for Prometheus (docs/monitoring.md). */
export const GET = api(async (event) => {
	requireMetricsReader(event);
	const text = exposition(await event.locals.ctx.metrics.registry.collect());
	return new Response(text, {
		headers: { 'content-type': EXPOSITION_TYPE, 'cache-control': 'no-store' }
	});
});
