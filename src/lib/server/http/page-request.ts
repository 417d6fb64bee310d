import type { PageRequest } from '#lib/server/db/keyset.ts';

/** `?limit=` and `?cursor=` of an address; what is empty is as if it were not there. */
export const pageRequest = (params: URLSearchParams): PageRequest => ({
	limit: params.get('limit') || undefined,
	cursor: params.get('cursor') || undefined
});
