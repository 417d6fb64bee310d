/** It travels in a cookie and an address. */
const LONGEST = 1_000;
const OUR_ORIGIN = 'http://ours.invalid';

/** Pages of the sign-in itself: going back to one of them leads nowhere. */
const SIGN_IN_PAGES = /^\/(?:login|auth)(?:\/|$)/;

/**
 * Where to go after signing in: a path of ours, with query and fragment, or the home page for
 * everything else. What browsers read as another site is refused: `//host`, `/\host`, a line break
 * or tab they drop, dots that fold into a double slash.
 */
export function safeReturnTo(value: string | null | undefined): string {
	if (!value || value.length > LONGEST || !/^\/(?!\/)/.test(value)) return '/';
	if (/[\\\s\p{C}]/u.test(value)) return '/';
	if (!URL.canParse(value, OUR_ORIGIN)) return '/';
	const url = new URL(value, OUR_ORIGIN);
	if (url.origin !== OUR_ORIGIN || url.pathname.startsWith('//')) return '/';
	if (SIGN_IN_PAGES.test(url.pathname)) return '/';
	return url.pathname + url.search + url.hash;
}
