import { requireSession } from '#lib/server/http/guards.ts';
import { api } from '#lib/server/http/respond.ts';
import { whileSignedIn } from '#lib/server/http/while-signed-in.ts';
import { uploadProgress } from '#lib/server/uploads/progress.ts';
import type { RequestEvent } from './$types.js';

export const trailingSlash = 'ignore';

/** The progress of one upload as server-sent events. */
export const GET = api(async (event: RequestEvent) => {
	const lastEventId = event.request.headers.get('last-event-id');
	const viewer = requireSession(event);
	const { ctx } = event.locals;
	return whileSignedIn(event, await uploadProgress(ctx, viewer, event.params.id, lastEventId));
});
