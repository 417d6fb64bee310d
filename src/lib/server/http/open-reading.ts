import type { Handle } from '@sveltejs/kit';

/** What anybody's page may read here; nothing of it is sent with a cookie of ours. */
const OPEN = /^\/(?:api|audio|images)(?:\/|$)|\/feed\.(?:xml|atom)$|^\/(?:sitemap[\w-]*\.xml)$/;
const READS = new Set(['GET', 'HEAD']);

const ALLOWED_HEADERS =
	'range, if-range, if-match, if-none-match, if-modified-since, accept, content-type';
const EXPOSED_HEADERS =
	'accept-ranges, content-length, content-range, etag, last-modified, link, retry-after, x-request-id';

/**
 * Lets pages of every origin read what is public (CORS). It allows no credentials: a browser sends no
 * cookie of ours along, or keeps from the page what was answered to one that had it. Whatever changes
 * something is not allowed at all, so that a browser does not even send it.
 */
export const openReading: Handle = async ({ event, resolve }) => {
	const { method, headers: asked } = event.request;
	if (!OPEN.test(event.url.pathname)) return resolve(event);
	const wanted = asked.get('access-control-request-method');
	if (method === 'OPTIONS' && wanted !== null) return answerPreflight(wanted.toUpperCase());
	const response = await resolve(event);
	if (!READS.has(method)) return response;
	const { headers } = response;
	if (!headers.has('access-control-allow-origin')) headers.set('access-control-allow-origin', '*');
	if (!headers.has('access-control-expose-headers')) {
		headers.set('access-control-expose-headers', EXPOSED_HEADERS);
	}
	return response;
};

function answerPreflight(wanted: string): Response {
	// a browser takes the silence for a no
	if (!READS.has(wanted)) return new Response(null, { status: 204, headers: { vary: 'origin' } });
	return new Response(null, {
		status: 204,
		headers: {
			'access-control-allow-origin': '*',
			'access-control-allow-methods': 'GET, HEAD, OPTIONS',
			'access-control-allow-headers': ALLOWED_HEADERS,
			'access-control-max-age': '86400'
		}
	});
}
