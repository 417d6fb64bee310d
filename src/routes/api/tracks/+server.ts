import { json } from '@sveltejs/kit';
import { pageRequest } from '#lib/server/db/keyset.ts';
import { api } from '#lib/server/http/respond.ts';
import { answerTracks } from '#lib/server/tracks/tracks-api.ts';

export const trailingSlash = 'ignore';

/** The newest tracks, a page at a time; `?artist_did=` for those of one artist. */
export const GET = api(async ({ locals, url: { searchParams } }) => {
	const artistDid = searchParams.get('artist_did') ?? undefined;
	return json(await answerTracks(locals.ctx, { ...pageRequest(searchParams), artistDid }));
});
