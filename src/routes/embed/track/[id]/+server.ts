import { embedOfTrack } from '#lib/server/embed/embed-content.ts';
import { embed } from '#lib/server/http/answer-embed.ts';
import { getTrack, getTrackPeaks } from '#lib/server/tracks/tracks.ts';
import { trackIdIn } from '#lib/tracks/track-id.ts';
import type { RequestEvent } from './$types.js';

/** A player of one track, for pages of others. */
export const GET = embed(async ({ locals: { ctx }, params }: RequestEvent) => {
	const track = await getTrack(ctx, null, trackIdIn(params.id));
	return embedOfTrack(track, await getTrackPeaks(ctx, track));
});
