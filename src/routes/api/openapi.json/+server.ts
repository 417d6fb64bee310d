import { json } from '@sveltejs/kit';
import { openApiDocument } from '#lib/server/openapi/document.ts';
import type { RequestEvent } from './$types.js';

export const trailingSlash = 'ignore';

/** Everything under /api, described for programs. */
export const GET = ({ locals }: RequestEvent): Response =>
	json(openApiDocument(locals.ctx.config), { headers: { 'cache-control': 'public, max-age=300' } });
