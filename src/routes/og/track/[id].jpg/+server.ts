import { answerCard } from '#lib/server/http/answer-card.ts';
import { api } from '#lib/server/http/respond.ts';
import { cardOfTrack } from '#lib/server/sharing/card.ts';
import { getTrack } from '#lib/server/tracks/tracks.ts';
import { trackIdIn } from '#lib/tracks/track-id.ts';
import type { RequestEvent } from './$types.js';

/** What is shown beside a link to a track: 1200 × 630, artwork, title and waveform. */
export const GET = api(async (event: RequestEvent) => {
	const track = await getTrack(event.locals.ctx, null, trackIdIn(event.params.id));
	return await answerCard(event, cardOfTrack(track));
});
