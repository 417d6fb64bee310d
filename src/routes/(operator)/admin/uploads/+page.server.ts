import { listUploadsOfAll } from '#lib/server/admin/uploads.ts';
import { requireOperator } from '#lib/server/http/guards.ts';
import { page } from '#lib/server/http/respond.ts';
import type { PageServerLoadEvent } from './$types.js';

/** Uploads under way, and those that failed. */
export const load = page(async (event: PageServerLoadEvent) => {
	requireOperator(event);
	const cursor = event.url.searchParams.get('cursor') || undefined;
	return await listUploadsOfAll(event.locals.ctx, cursor);
});
