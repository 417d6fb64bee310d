import {
	byRank,
	QUEUE_MAX_ITEMS,
	type QueueItem,
	type QueueState,
	type Stamped,
	upcomingItems
} from './queue-state.ts';

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
	const value = standIn(current.value, items, [mine, theirs, base]);
	return {
		items: fitting(items, value, added),
		current: { ...current, value },
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

/**
 * As many as a queue holds: what was heard longest ago makes room, then what was added here last.
 * The other side's are there already.
 */
function fitting(items: QueueItem[], currentId: string | null, added: QueueItem[]): QueueItem[] {
	const extra = items.length - QUEUE_MAX_ITEMS;
	if (extra <= 0) return items;
	const heard = items.findIndex(({ id }) => id === currentId);
	const rest = items.slice(Math.max(0, Math.min(extra, heard)));
	const tooMany = rest.length - QUEUE_MAX_ITEMS;
	if (tooMany <= 0) return rest;
	const mine = added.filter(({ id }) => id !== currentId).sort(byRank);
	const out = new Set(mine.slice(-tooMany).map(({ id }) => id));
	return rest.filter(({ id }) => !out.has(id));
}

/** How many of the tracks that come next here, and were added since `base`, found no room in a merge. */
export function leftOutOf(merged: QueueState, base: QueueState, mine: QueueState): number {
	if (merged.items.length < QUEUE_MAX_ITEMS) return 0;
	const known = new Set([...merged.items, ...base.items].map(({ id }) => id));
	return upcomingItems(mine).filter(({ id }) => !known.has(id)).length;
}

/** Whether two copies of the queue say the same. */
export function isSameQueue(a: QueueState, b: QueueState): boolean {
	return (
		a.items.length === b.items.length &&
		a.items.every((item, index) => isSameItem(item, b.items[index])) &&
		isSameStamped(a.current, b.current) &&
		isSameStamped(a.repeat, b.repeat) &&
		a.source.at === b.source.at &&
		JSON.stringify(a.source.value) === JSON.stringify(b.source.value)
	);
}

const isSameItem = (a: QueueItem, b: QueueItem | undefined): boolean =>
	a === b ||
	(a.id === b?.id && a.rank === b.rank && a.movedAt === b.movedAt && a.formerRank === b.formerRank);

const isSameStamped = <T>(a: Stamped<T>, b: Stamped<T>): boolean =>
	a.at === b.at && a.value === b.value;
