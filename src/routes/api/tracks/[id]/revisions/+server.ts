import { json } from '@sveltejs/kit';
import { requireArtist } from '#lib/server/http/guards.ts';
import { api } from '#lib/server/http/respond.ts';
import { answerRevisions } from '#lib/server/tracks/change-api.ts';
import type { RequestEvent } from './$types.js';

export const trailingSlash = 'ignore';

/** The audio a track of one's own had before. */
export const GET = api(async (event: RequestEvent) =>
	json(await answerRevisions(event.locals.ctx, requireArtist(event), event.params.id))
);
