import { json } from '@sveltejs/kit';
import { api } from '#lib/server/http/respond.ts';
import { answerTrack } from '#lib/server/tracks/tracks-api.ts';
import type { RequestEvent } from './$types.js';

export const trailingSlash = 'ignore';

/** One track. */
export const GET = api(async ({ locals, params }: RequestEvent) =>
	json(await answerTrack(locals.ctx, params.id))
);
