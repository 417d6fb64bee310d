import { json } from '@sveltejs/kit';
import { albumBody, answerAlbumsOf, changeFromApi } from '#lib/server/albums/albums-api.ts';
import { deleteAlbum } from '#lib/server/albums/delete-album.ts';
import { requireArtist } from '#lib/server/http/guards.ts';
import { pageRequest } from '#lib/server/http/page-request.ts';
import { readJson } from '#lib/server/http/read-json.ts';
import { api } from '#lib/server/http/respond.ts';
import type { RequestEvent } from './$types.js';

export const trailingSlash = 'ignore';

/** The albums of an artist, whose handle stands in the address. */
export const GET = api(async ({ locals, params, url }: RequestEvent) =>
	json(await answerAlbumsOf(locals.ctx, params.album, pageRequest(url.searchParams)))
);

/** Changes an album, whose id stands in the address. */
export const PATCH = api(async (event: RequestEvent) => {
	const viewer = requireArtist(event);
	const body = await readJson(event, albumBody);
	return json(await changeFromApi(event.locals.ctx, viewer, event.params.album, body));
});

/** Deletes an album; with `?tracks=delete` its tracks too. */
export const DELETE = api(async (event: RequestEvent) => {
	const withTracks = event.url.searchParams.get('tracks') === 'delete';
	const viewer = requireArtist(event);
	await deleteAlbum(event.locals.ctx, viewer, event.params.album, { withTracks });
	return json({ message: 'album deleted successfully' });
});
