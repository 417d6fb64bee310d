import { json } from '@sveltejs/kit';
import { albumBody, answerAlbums, createFromApi } from '#lib/server/albums/albums-api.ts';
import { requireArtist } from '#lib/server/http/guards.ts';
import { pageRequest } from '#lib/server/http/page-request.ts';
import { readJson } from '#lib/server/http/read-json.ts';
import { api } from '#lib/server/http/respond.ts';
import type { RequestEvent } from './$types.js';

export const trailingSlash = 'ignore';

/** Everybody's albums, by title, a page at a time. */
export const GET = api(async ({ locals, url }: RequestEvent) =>
	json(await answerAlbums(locals.ctx, pageRequest(url.searchParams)))
);

/** Makes an album. */
export const POST = api(async (event: RequestEvent) => {
	const viewer = requireArtist(event);
	const body = await readJson(event, albumBody);
	return json(await createFromApi(event.locals.ctx, viewer, body), { status: 201 });
});
