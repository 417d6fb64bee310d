import type { SearchKind } from '#lib/search/search-query.ts';
import type { Db } from '#lib/server/db/connect.ts';
import { type FoldedQuery, nearQuery, typedWords } from './folded-query.ts';
import { type EntryPage, findNearWords, type FoundRow, readEntries, TIERS } from './queries.ts';

/**
 * What fits a query, of each kind the best first: `page.limit + 1` entries of each, for whoever wants to
 * know whether there are more. What nearly fits is looked for only when nothing at all fits better: who
 * has found what they typed has not typed it wrong.
 */
export async function findEntries(
	db: Db,
	kinds: readonly SearchKind[],
	query: FoldedQuery,
	page: EntryPage
): Promise<FoundRow[]> {
	if (page.after?.tier === TIERS.nearly) return await findNearEntries(db, kinds, query, page);
	const rows = await readEntries(db, kinds, query, page);
	if (page.after || rows.length > 0) return rows;
	return await findNearEntries(db, kinds, query, page);
}

async function findNearEntries(
	db: Db,
	kinds: readonly SearchKind[],
	query: FoldedQuery,
	{ limit, after }: EntryPage
): Promise<FoundRow[]> {
	if (kinds.length === 0 || query.words === null) return [];
	const near = nearQuery(query, await findNearWords(db, typedWords(query)));
	if (!near) return [];
	const place = after && { ...after, tier: TIERS.words };
	const rows = await readEntries(db, kinds, near, { limit, after: place });
	return rows.map((row) => ({ ...row, tier: TIERS.nearly }));
}
