import { answerAlbumAt } from '#lib/server/http/album-answer.ts';
import { api } from '#lib/server/http/respond.ts';
import type { RequestEvent } from './$types.js';

export const trailingSlash = 'ignore';

/** One album, by the handle of its artist and its slug. */
export const GET = api((event: RequestEvent) =>
	answerAlbumAt(event, event.params.album, event.params.slug)
);
