import { json } from '@sveltejs/kit';
import { answerAnalytics } from '#lib/server/artists/numbers.ts';
import { api } from '#lib/server/http/respond.ts';
import type { RequestEvent } from './$types.js';

export const trailingSlash = 'ignore';

/** The numbers of an artist, of the tracks that everybody sees. */
export const GET = api(async ({ locals, params }: RequestEvent) =>
	json(await answerAnalytics(locals.ctx, params.did))
);
