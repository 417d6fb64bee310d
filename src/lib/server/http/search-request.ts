import type { SearchRequest } from '#lib/server/search/search.ts';
import { pageRequest } from './page-request.ts';

/** `?q=`, `?kind=`, `?limit=` and `?cursor=` of an address; what is empty is as if it were not there. */
export const searchRequest = (params: URLSearchParams): SearchRequest => ({
	q: params.get('q') ?? '',
	kind: params.get('kind') || undefined,
	...pageRequest(params)
});
