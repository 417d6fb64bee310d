import { json } from '@sveltejs/kit';
import { checkReadiness } from '#lib/server/health/health.ts';
import { api } from '#lib/server/http/respond.ts';

/** Ready for traffic: 200, or 503 with the part that is not. Each part has a bounded time. */
export const GET = api(async ({ locals }) => {
	const readiness = await checkReadiness(locals.ctx);
	return json(readiness, {
		status: readiness.ready ? 200 : 503,
		headers: { 'cache-control': 'no-store' }
	});
});
