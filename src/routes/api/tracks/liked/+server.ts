import { json } from '@sveltejs/kit';
import { requireSession } from '#lib/server/http/guards.ts';
import { pageRequest } from '#lib/server/http/page-request.ts';
import { api } from '#lib/server/http/respond.ts';
import { answerLiked } from '#lib/server/likes/likes-api.ts';

export const trailingSlash = 'ignore';

/** What whoever is signed in likes, the newest like first. */
export const GET = api(async (event) => {
	const viewer = requireSession(event);
	return json(await answerLiked(event.locals.ctx, viewer, pageRequest(event.url.searchParams)));
});
