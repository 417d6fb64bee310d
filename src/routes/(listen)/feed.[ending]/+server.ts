import { answerFeed } from '#lib/server/http/answer-feed.ts';
import { api } from '#lib/server/http/respond.ts';
import type { RequestEvent } from './$types.js';

/** The newest tracks of everybody, as RSS or Atom. */
export const GET = api((event: RequestEvent) =>
	answerFeed(event, event.params.ending, { kind: 'site' })
);
