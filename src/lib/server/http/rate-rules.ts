import type { LimitName } from '#lib/server/limits/limits.ts';

/** Which limit a request is taken from, and whose part of it. */
export interface RateRule {
	limit: LimitName;
	/** `address`: also of people who are signed in, because it is about signing in */
	by: 'viewer' | 'address';
}

const SAFE = new Set(['GET', 'HEAD', 'OPTIONS']);

const SIGN_IN: RateRule = { limit: 'sign_in', by: 'address' };
const SEARCHES: RateRule = { limit: 'search', by: 'viewer' };
const PROFILE: RateRule = { limit: 'public_profile', by: 'viewer' };
const STREAMS: RateRule = { limit: 'streams', by: 'viewer' };
const SHARED: RateRule = { limit: 'shared_pages', by: 'address' };
const PARTS: RateRule = { limit: 'upload_parts', by: 'viewer' };

/** The routes with a limit of their own, by method and id. */
const RULES: Record<string, RateRule> = {
	'GET /auth/start': SIGN_IN,
	'POST /login': SIGN_IN,
	'GET /auth/callback': { limit: 'sign_in_back', by: 'address' },
	'POST /api/auth/exchange': { limit: 'exchange', by: 'address' },
	'GET /api/tags': SEARCHES,
	'GET /(listen)/search': SEARCHES,
	'POST /api/tracks/[id]/play': { limit: 'plays', by: 'viewer' },
	'POST /api/client-errors': { limit: 'client_errors', by: 'address' },
	'GET /(listen)/track/[id]/download': { limit: 'downloads', by: 'viewer' },
	'POST /(listen)/report': { limit: 'reports', by: 'viewer' },
	'GET /(member)/portal/plays.csv': { limit: 'exports', by: 'viewer' },
	'POST /(member)/settings/export/everything': { limit: 'whole_exports', by: 'viewer' },
	// their own PDS is asked
	'GET /(member)/profile/setup': PROFILE,
	'GET /(member)/profile/setup/avatar': PROFILE,
	'GET /api/queue/events': STREAMS,
	'GET /api/uploads/events': STREAMS,
	'GET /api/tracks/uploads/[id]/progress': STREAMS,
	// looked up by an address, or drawn
	'GET /oembed': SHARED,
	'GET /og/album/[id].jpg': SHARED,
	'GET /og/artist/[did].jpg': SHARED,
	'GET /og/track/[id].jpg': SHARED,
	'PATCH /api/uploads/tus/[...id]': PARTS,
	'POST /api/uploads/tus/[...id]': PARTS
};

/** Everything that is searched while somebody types. */
const SEARCH = /^\/api\/search(\/|$)/;

const CHANGES: RateRule = { limit: 'changes', by: 'viewer' };

/**
 * The rule of a request; undefined: reading and listening are not limited.
 * @param routeId as SvelteKit names it; null: there is nothing at the address
 */
export function rateRuleOf(method: string, routeId: string | null): RateRule | undefined {
	if (routeId === null) return undefined;
	// who asks for the head alone has everything done all the same
	const named = RULES[`${method === 'HEAD' ? 'GET' : method} ${routeId}`];
	if (named) return named;
	if (!SAFE.has(method)) return CHANGES;
	return SEARCH.test(routeId) ? SEARCHES : undefined;
}

/** Exported for its test: the routes that are named. */
export const ruledRoutes = Object.keys(RULES).map((key) => key.slice(key.indexOf(' ') + 1));
