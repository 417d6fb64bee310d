import { requireSession } from '#lib/server/http/guards.ts';
import { api } from '#lib/server/http/respond.ts';
import { whileSignedIn } from '#lib/server/http/while-signed-in.ts';
import { allProgress } from '#lib/server/uploads/progress.ts';

export const trailingSlash = 'ignore';

/** The progress of everything the viewer uploads, as server-sent events. */
export const GET = api((event) => {
	const lastEventId = event.request.headers.get('last-event-id');
	const viewer = requireSession(event);
	return whileSignedIn(event, allProgress(event.locals.ctx, viewer, lastEventId));
});
