import type { Handle } from '@sveltejs/kit';
import { createHash } from 'node:crypto';
import { judgeTag } from './conditional-request.ts';
import { claimsSession } from './session.ts';
import { addVary } from './vary.ts';

/**
 * Gives what programs read under /api a weak entity tag, so that asking again for what has not changed
 * costs no line. Nothing is kept without asking, but where a route says how long it may be.
 */
export const revalidateReads: Handle = async ({ event, resolve }) => {
	const response = await resolve(event);
	const { headers } = response;
	const { method } = event.request;
	const isRead =
		(method === 'GET' || method === 'HEAD') && /^\/api(?:\/|$)/.test(event.url.pathname);
	const isJson = headers.get('content-type')?.startsWith('application/json') ?? false;
	if (!isRead || !isJson || response.status !== 200 || headers.has('etag')) return response;
	const cacheControl = headers.get('cache-control');
	if (/no-store/.test(cacheControl ?? '') || headers.has('set-cookie')) return response;
	if (cacheControl === null) {
		headers.set('cache-control', claimsSession(event) ? 'private, no-cache' : 'public, no-cache');
	}
	const body = Buffer.from(await response.arrayBuffer());
	const etag = `W/"${createHash('sha256').update(body).digest('base64url').slice(0, 22)}"`;
	headers.set('etag', etag);
	// who asks with a session is told nothing of others, and the other way round
	addVary(headers, 'cookie', 'authorization');
	if (judgeTag(event.request.headers, etag) === 'not-modified') {
		headers.delete('content-length');
		headers.delete('content-type');
		return new Response(null, { status: 304, headers });
	}
	return new Response(body, { status: 200, headers });
};
