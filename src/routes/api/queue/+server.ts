import { json } from '@sveltejs/kit';
import { requireSession } from '#lib/server/http/guards.ts';
import { readJson } from '#lib/server/http/read-json.ts';
import { api } from '#lib/server/http/respond.ts';
import { queueBody } from '#lib/server/queue/queue-body.ts';
import { MAX_QUEUE_BYTES } from '#lib/server/queue/queue-limits.ts';
import { getQueue, isAsSent, putQueue, revisionOf } from '#lib/server/queue/queue.ts';
import type { RequestEvent } from './$types.js';

export const trailingSlash = 'ignore';

const MINIMAL = 'return=minimal';

/** The viewer's queue. */
export const GET = api(async (event: RequestEvent) => {
	const queue = await getQueue(event.locals.ctx, requireSession(event));
	const headers = { etag: `"${queue.revision}"`, 'cache-control': 'private, no-cache' };
	if (event.request.headers.get('if-none-match') === headers.etag) {
		return new Response(null, { status: 304, headers });
	}
	return json(queue, { headers });
});

/**
 * Writes the viewer's queue, if it is still the one named by If-Match. Who prefers `return=minimal`
 * (RFC 7240) is not sent back what they sent.
 */
export const PUT = api(async (event: RequestEvent) => {
	const viewer = requireSession(event);
	const { headers } = event.request;
	const revision = revisionOf(headers.get('if-match'));
	const body = await readJson(event, queueBody, MAX_QUEUE_BYTES);
	const queue = await putQueue(event.locals.ctx, viewer, body, revision);
	const etag = `"${queue.revision}"`;
	const isMinimal = headers.get('prefer') === MINIMAL && isAsSent(queue, body);
	if (!isMinimal) return json(queue, { headers: { etag } });
	return json({ ...queue, state: undefined }, { headers: { etag, 'preference-applied': MINIMAL } });
});
