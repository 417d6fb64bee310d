import { json } from '@sveltejs/kit';
import { api } from '#lib/server/http/respond.ts';
import { searchRequest } from '#lib/server/http/search-request.ts';
import { answerSearch } from '#lib/server/search/search-api.ts';

export const trailingSlash = 'ignore';

/** Tracks, albums, artists and tags that fit what is typed. */
export const GET = api(async ({ locals, url: { searchParams } }) => {
	const found = await answerSearch(locals.ctx, locals.viewer, searchRequest(searchParams));
	const cached = locals.viewer ? 'private, no-cache' : 'public, max-age=60';
	return json(found, { headers: { 'cache-control': cached } });
});
