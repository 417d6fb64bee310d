import type { Handle } from '@sveltejs/kit';
import { PREFERENCES_COOKIE } from '#lib/preferences/preferences-cookie.ts';
import { claimsSession } from './session.ts';

/**
 * Keeps what is made for one person, or gives one a cookie, out of every cache that others share,
 * and has a browser ask again before it shows it.
 */
export const personalPages: Handle = async ({ event, resolve }) => {
	const response = await resolve(event);
	const { headers } = response;
	const isPage = event.isDataRequest || headers.get('content-type')?.startsWith('text/html');
	const isMadeForOne = claimsSession(event) || event.cookies.get(PREFERENCES_COOKIE) !== undefined;
	const isPersonal = headers.has('set-cookie') || (isPage && isMadeForOne);
	if (isPersonal && !headers.has('cache-control')) {
		headers.set('cache-control', 'private, no-cache');
	}
	return response;
};
