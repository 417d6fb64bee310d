import { requireSession } from '#lib/server/http/guards.ts';
import { api } from '#lib/server/http/respond.ts';
import { whileSignedIn } from '#lib/server/http/while-signed-in.ts';
import { queueEvents } from '#lib/server/queue/queue-events.ts';

export const trailingSlash = 'ignore';

/** The viewer's queue and their place in it, as server-sent events. */
export const GET = api((event) => {
	const lastEventId = event.request.headers.get('last-event-id');
	const viewer = requireSession(event);
	const page = event.url.searchParams.get('page');
	return whileSignedIn(event, queueEvents(event.locals.ctx, viewer, { lastEventId, page }));
});
