import { findArtist } from '#lib/server/artists/artists.ts';
import { answerCard } from '#lib/server/http/answer-card.ts';
import { api } from '#lib/server/http/respond.ts';
import { cardOfArtist } from '#lib/server/sharing/card.ts';
import { asDescribed } from '#lib/server/sharing/describe-artist.ts';
import type { RequestEvent } from './$types.js';

/** What is shown beside a link to an artist. */
export const GET = api(async (event: RequestEvent) => {
	const artist = await findArtist(event.locals.ctx, { did: event.params.did });
	return await answerCard(event, cardOfArtist(asDescribed(artist)));
});
