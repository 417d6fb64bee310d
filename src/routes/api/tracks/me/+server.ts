import { json } from '@sveltejs/kit';
import { requireSession } from '#lib/server/http/guards.ts';
import { pageRequest } from '#lib/server/http/page-request.ts';
import { api } from '#lib/server/http/respond.ts';
import { answerOwnTracks } from '#lib/server/tracks/tracks-api.ts';

export const trailingSlash = 'ignore';

/** The tracks of whoever is signed in, the newest first. */
export const GET = api(async (event) => {
	const viewer = requireSession(event);
	return json(await answerOwnTracks(event.locals.ctx, viewer, pageRequest(event.url.searchParams)));
});
