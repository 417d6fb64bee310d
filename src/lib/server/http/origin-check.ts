import type { Handle, RequestEvent } from '@sveltejs/kit';
import { forbidden } from '#lib/server/errors.ts';
import { SESSION_COOKIE } from './cookies.ts';
import { developerTokenOf } from './developer-token.ts';
import { apiFailure } from './respond.ts';

const SAFE = new Set(['GET', 'HEAD', 'OPTIONS']);

/**
 * Refuses what another site makes a signed-in person's browser send. It covers every mutation,
 * whatever its content type; SvelteKit's own check covers forms only and is switched off.
 *
 * A browser says where a request comes from (Origin, Sec-Fetch-Site). A program that signs in
 * with `Authorization: Bearer` sends no cookie along by itself, so there is nothing to protect; of one
 * that shows a token of its owner, cookies count for nothing.
 */
export const originCheck: Handle = async ({ event, resolve }) => {
	const { request, url } = event;
	if (SAFE.has(request.method)) return resolve(event);
	if (developerTokenOf(event) !== undefined) return resolve(event);
	if (request.headers.has('authorization') && !hasSessionCookie(event)) return resolve(event);
	if (comesFromUs(request.headers, url.origin)) return resolve(event);
	if (isForeignPlay(event)) return resolve(event);
	const refusal = forbidden(
		'cross_site_request',
		'this request came from another site, so it was not carried out'
	);
	return apiFailure(event, refusal);
};

/**
 * A player of ours in a sandboxed frame has no origin. A play acts for nobody as long as nothing comes
 * along by itself: whoever wants to can report one without a browser, and the limits are the same.
 */
const isForeignPlay = ({ request, url }: RequestEvent) =>
	request.headers.get('origin') === 'null' &&
	!request.headers.has('cookie') &&
	/^\/api\/tracks\/\d+\/play\/?$/.test(url.pathname);

/** Other cookies act for nobody: a program may keep them beside its bearer. */
const hasSessionCookie = (event: RequestEvent) => event.cookies.get(SESSION_COOKIE) !== undefined;

/** Exported for its test: whether a browser's own words say that the request came from our pages. */
export function comesFromUs(headers: Headers, ownOrigin: string): boolean {
	const origin = headers.get('origin');
	if (origin !== null) return origin === ownOrigin;
	const site = headers.get('sec-fetch-site');
	if (site !== null) return site === 'same-origin' || site === 'none';
	// neither header: not a browser of this decade. without a cookie it acts for nobody
	return !headers.has('cookie');
}
