import type { LimitName } from '#lib/server/limits/limits.ts';

/** Which limit a request is taken from, and whose part of it. */
export interface RateRule {
	limit: LimitName;
	/** `address`: also of people who are signed in, because it is about signing in */
	by: 'viewer' | 'address';
}

const SAFE = new Set(['GET', 'HEAD', 'OPTIONS']);

/** The routes with a limit of their own, by method and id. */
const RULES: Record<string, RateRule> = {
	'GET /auth/start': { limit: 'sign_in', by: 'address' },
	'POST /login': { limit: 'sign_in', by: 'address' },
	'POST /api/auth/exchange': { limit: 'exchange', by: 'address' },
	'GET /api/tags': { limit: 'search', by: 'viewer' },
	'POST /api/tracks/[id]/play': { limit: 'plays', by: 'viewer' },
	'GET /(listen)/track/[id]/download': { limit: 'downloads', by: 'viewer' },
	'GET /(member)/profile/setup/avatar': { limit: 'public_profile', by: 'viewer' },
	'PATCH /api/uploads/tus/[...id]': { limit: 'upload_parts', by: 'viewer' },
	'POST /api/uploads/tus/[...id]': { limit: 'upload_parts', by: 'viewer' }
};

/** Everything that is searched while somebody types. */
const SEARCH = /^\/api\/search(\/|$)/;
const SEARCHES: RateRule = { limit: 'search', by: 'viewer' };

const CHANGES: RateRule = { limit: 'changes', by: 'viewer' };

/**
 * The rule of a request; undefined: reading and listening are not limited.
 * @param routeId as SvelteKit names it; null: there is nothing at the address
 */
export function rateRuleOf(method: string, routeId: string | null): RateRule | undefined {
	if (routeId === null) return undefined;
	const named = RULES[`${method} ${routeId}`];
	if (named) return named;
	if (!SAFE.has(method)) return CHANGES;
	return SEARCH.test(routeId) ? SEARCHES : undefined;
}

/** Exported for its test: the routes that are named. */
export const ruledRoutes = Object.keys(RULES).map((key) => key.slice(key.indexOf(' ') + 1));
