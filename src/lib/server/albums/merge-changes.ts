import type { AlbumChange } from '#lib/server/db/schema.ts';

/** Two changes of an album as one; what was said last holds. */
export function mergeChanges(former: AlbumChange | null, later: AlbumChange): AlbumChange {
	if (former === null) return later;
	const without = (ids: number[] = [], other: number[] = []) =>
		ids.filter((id) => !other.includes(id));
	const removed = [...without(former.removed, later.added), ...(later.removed ?? [])];
	const added = [...without(former.added, later.removed), ...(later.added ?? [])];
	return {
		...former,
		...later,
		...(removed.length > 0 ? { removed: [...new Set(removed)] } : {}),
		...(added.length > 0 ? { added: [...new Set(added)] } : {})
	};
}
