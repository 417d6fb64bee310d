import { byRank, type QueueItem, type QueueState, type Stamped } from './queue-state.ts';

const newer = <T>(mine: Stamped<T>, theirs: Stamped<T>): Stamped<T> =>
	mine.at > theirs.at ? mine : theirs;

/**
 * What becomes of a queue that was changed here and elsewhere since `base`: additions of both
 * survive, what either removed is gone, the newer move of an item wins, as does the newer choice of
 * what plays.
 */
export function mergeQueues(base: QueueState, mine: QueueState, theirs: QueueState): QueueState {
	const before = new Set(base.items.map(({ id }) => id));
	const here = new Map(mine.items.map((item) => [item.id, item]));
	const there = new Set(theirs.items.map(({ id }) => id));
	const added = mine.items.filter(({ id }) => !there.has(id) && !before.has(id));
	const kept = theirs.items.flatMap((item) => {
		const own = here.get(item.id);
		if (own) return [own.movedAt > item.movedAt ? own : item];
		return before.has(item.id) ? [] : [item];
	});
	const items = [...kept, ...added].sort(byRank);
	const current = newer(mine.current, theirs.current);
	return {
		items,
		current: { ...current, value: standIn(current.value, items, [mine, theirs, base]) },
		repeat: newer(mine.repeat, theirs.repeat),
		source: newer(mine.source, theirs.source)
	};
}

/** The current item, or, when the other side removed it, what took its place. */
function standIn(id: string | null, items: QueueItem[], known: QueueState[]): string | null {
	if (id === null || items.some((item) => item.id === id)) return id;
	const place = known.flatMap((queue) => queue.items).find((item) => item.id === id);
	const next = place && items.find((item) => byRank(item, place) > 0);
	return (next ?? items.at(-1))?.id ?? null;
}
