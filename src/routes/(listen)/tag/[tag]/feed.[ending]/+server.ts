import { answerFeed } from '#lib/server/http/answer-feed.ts';
import { api } from '#lib/server/http/respond.ts';
import type { RequestEvent } from './$types.js';

/** The newest tracks with a tag, as RSS or Atom. */
export const GET = api((event: RequestEvent) =>
	answerFeed(event, event.params.ending, { kind: 'tag', tag: event.params.tag })
);
