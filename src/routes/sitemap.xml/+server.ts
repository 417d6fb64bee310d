import { api } from '#lib/server/http/respond.ts';
import { sitemapIndex } from '#lib/server/sitemap/sitemap.ts';
import type { RequestEvent } from './$types.js';

const headers = {
	'content-type': 'application/xml; charset=utf-8',
	'cache-control': 'public, max-age=3600'
};

/** Where all public pages are listed: https://www.sitemaps.org/protocol.html */
export const GET = api(
	async ({ locals }: RequestEvent) => new Response(await sitemapIndex(locals.ctx), { headers })
);
