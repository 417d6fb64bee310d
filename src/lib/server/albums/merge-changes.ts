import type { AlbumChange } from '#lib/server/db/schema.ts';

/** Two changes of an album as one; what was said last holds, of each track. */
export function mergeChanges(former: AlbumChange | null, later: AlbumChange): AlbumChange {
	if (former === null) return later;
	const { order = [], added = [], removed = [] } = later;
	const without = (ids: number[] = [], other: number[] = []) =>
		ids.filter((id) => !other.includes(id));
	const merged: AlbumChange = {
		...former,
		...later,
		removed: [...new Set([...without(former.removed, [...order, ...added]), ...removed])],
		added: [...new Set([...without(former.added, removed), ...added])]
	};
	if (merged.removed?.length === 0) delete merged.removed;
	if (merged.added?.length === 0) delete merged.added;
	return merged;
}
