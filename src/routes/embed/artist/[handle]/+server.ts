import { isDid } from '#lib/auth/handle.ts';
import { findArtist } from '#lib/server/artists/artists.ts';
import { embedOfArtist, MAX_EMBEDDED_TRACKS } from '#lib/server/embed/embed-content.ts';
import { embed } from '#lib/server/http/answer-embed.ts';
import { listNewestTracks } from '#lib/server/tracks/tracks.ts';
import type { RequestEvent } from './$types.js';

/** A player of an artist's newest tracks, for pages of others. A did does as well as a handle. */
export const GET = embed(async ({ locals: { ctx }, params: { handle } }: RequestEvent) => {
	const artist = await findArtist(ctx, isDid(handle) ? { did: handle } : { handle });
	const request = { artistDid: artist.did, limit: MAX_EMBEDDED_TRACKS };
	return embedOfArtist(artist, await listNewestTracks(ctx, null, request));
});
