import type { ParamMatcher } from '@sveltejs/kit';

/** The file name of a feed. */
export const match = ((param): param is 'feed.xml' | 'feed.atom' =>
	param === 'feed.xml' || param === 'feed.atom') satisfies ParamMatcher;
