import { json } from '@sveltejs/kit';
import { requireArtist } from '#lib/server/http/guards.ts';
import { pageRequest } from '#lib/server/http/page-request.ts';
import { api } from '#lib/server/http/respond.ts';
import { answerTracks, answerTracksById } from '#lib/server/tracks/tracks-api.ts';
import { receiveMultipart } from '#lib/server/uploads/receive-multipart.ts';

export const trailingSlash = 'ignore';

/** The newest tracks, a page at a time; `?artist_did=` those of one artist, `?ids=` certain ones. */
export const GET = api(async ({ locals, url: { searchParams } }) => {
	const ids = searchParams.get('ids');
	if (ids !== null) return json(await answerTracksById(locals.ctx, locals.viewer, ids));
	const artistDid = searchParams.get('artist_did') ?? undefined;
	const request = { ...pageRequest(searchParams), artistDid };
	return json(await answerTracks(locals.ctx, locals.viewer, request));
});

/** Takes a track as a multipart form; publishing it goes on after the answer. */
export const POST = api(async (event) => {
	const upload = await receiveMultipart(event.locals.ctx, requireArtist(event), event.request);
	return json({ upload_id: upload.id, status: upload.status, message: upload.message });
});
