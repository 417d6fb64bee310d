import { robotsTxt } from '#lib/server/sitemap/robots.ts';
import type { RequestEvent } from './$types.js';

/** What robots may read, and where it is listed. */
export const GET = ({ locals }: RequestEvent): Response =>
	new Response(robotsTxt(locals.ctx.config.publicUrl), {
		headers: {
			'content-type': 'text/plain; charset=utf-8',
			'cache-control': 'public, max-age=3600'
		}
	});
