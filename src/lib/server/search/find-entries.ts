import type { Transaction } from 'kysely';
import type { SearchKind } from '#lib/search/search-query.ts';
import type { Database } from '#lib/server/db/schema.ts';
import type { FoldedQuery } from './folded-query.ts';
import { type EntryPage, type FoundEntry, tierQueries, TIERS } from './queries.ts';

/**
 * What fits a query, the best first: `page.limit + 1` entries, for whoever wants to know whether
 * there are more. A tier is asked for only when those before it have not filled the page.
 */
export async function findEntries(
	trx: Transaction<Database>,
	kind: SearchKind,
	query: FoldedQuery,
	page: EntryPage
): Promise<FoundEntry[]> {
	const found: FoundEntry[] = [];
	for (const tier of Object.values(TIERS)) {
		const missing = page.limit - found.length;
		if (missing < 0) break;
		if (page.after && page.after.tier > tier) continue;
		found.push(...(await findTier(trx, kind, query, tier, { ...page, limit: missing })));
	}
	return found;
}

async function findTier(
	trx: Transaction<Database>,
	kind: SearchKind,
	query: FoldedQuery,
	tier: number,
	page: EntryPage
): Promise<FoundEntry[]> {
	const queries = tierQueries(kind, query, tier, page);
	if (!queries) return [];
	if (queries.popular) {
		const { rows } = await queries.popular.execute(trx);
		if (rows.length > page.limit) return rows;
	}
	return (await queries.all.execute(trx)).rows;
}
