import { api } from '#lib/server/http/respond.ts';
import { openSitemap } from '#lib/server/sitemap/sitemap.ts';
import type { RequestEvent } from './$types.js';

const headers = {
	'content-type': 'application/xml; charset=utf-8',
	'cache-control': 'public, max-age=3600'
};

/** Some of the public pages of one kind. */
export const GET = api(
	async ({ locals, params }: RequestEvent) =>
		new Response(await openSitemap(locals.ctx, params), { headers })
);
