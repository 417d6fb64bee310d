import { getPublicAlbum } from '#lib/server/albums/albums.ts';
import { answerCard } from '#lib/server/http/answer-card.ts';
import { api } from '#lib/server/http/respond.ts';
import { cardOfAlbum } from '#lib/server/sharing/card.ts';
import type { RequestEvent } from './$types.js';

/** What is shown beside a link to an album. */
export const GET = api(async (event: RequestEvent) => {
	const { album, tracks } = await getPublicAlbum(event.locals.ctx, event.params.id);
	return await answerCard(event, cardOfAlbum(album, tracks));
});
