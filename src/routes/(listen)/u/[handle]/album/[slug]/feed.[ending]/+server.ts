import { answerFeed } from '#lib/server/http/answer-feed.ts';
import { api } from '#lib/server/http/respond.ts';
import type { RequestEvent } from './$types.js';

/** The tracks of an album, in its order, as RSS or Atom. */
export const GET = api((event: RequestEvent) => {
	const { ending, handle, slug } = event.params;
	return answerFeed(event, ending, { kind: 'album', handle, slug });
});
