import { isConnectionLost } from './unavailable.ts';

/**
 * Whether this is the one query nobody waits for: on every new connection the client asks for the
 * types of arrays, and when the connection goes in that moment its rejection is nobody's to handle
 * (postgres.js 3.4.9, `fetchArrayTypes`), which would end the process. Whoever wanted the connection
 * is told by the query they asked on it.
 */
export const isLostTypesQuery = (cause: unknown): boolean =>
	isConnectionLost(cause) &&
	cause instanceof Error &&
	'query' in cause &&
	/\btyparray\b/.test(String(cause.query));
