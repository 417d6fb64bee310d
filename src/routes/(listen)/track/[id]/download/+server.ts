import { answerTrackDownload } from '#lib/server/http/download-answer.ts';
import { page } from '#lib/server/http/respond.ts';
import { trackIdIn } from '#lib/tracks/track-id.ts';
import type { RequestEvent } from './$types.js';

/** The file the artist uploaded, to be saved, as far as they allow it. */
export const GET = page((event: RequestEvent) =>
	answerTrackDownload(event, trackIdIn(event.params.id))
);
