import { json } from '@sveltejs/kit';
import { pageRequest } from '#lib/server/http/page-request.ts';
import { api } from '#lib/server/http/respond.ts';
import { answerLikers } from '#lib/server/likes/likes-api.ts';
import type { RequestEvent } from './$types.js';

export const trailingSlash = 'ignore';

/** Who likes a track, the newest first. */
export const GET = api(async ({ locals, params, url }: RequestEvent) =>
	json(await answerLikers(locals.ctx, params.id, pageRequest(url.searchParams)))
);
