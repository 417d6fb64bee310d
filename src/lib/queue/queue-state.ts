/**
 * The queue as a document: what every device holds a copy of and the server keeps. Changing and
 * merging it are pure functions (change-queue.ts, merge-queues.ts); times are milliseconds since
 * 1970 by the server's clock.
 */

import { isPlainText } from './plain-text.ts';

/** More than this is refused everywhere. */
export const QUEUE_MAX_ITEMS = 10_000;
/** How many tracks of a collection go with it at most. */
export const SOURCE_MAX_TRACKS = 1_000;

export type Repeat = 'off' | 'all' | 'one';

/** One entry; the same track may be in any number of them. */
export interface QueueItem {
	/** its own, made by whoever added it */
	id: string;
	trackId: number;
	/** its place: items are in the order of their ranks */
	rank: string;
	/** when it was last put there */
	movedAt: number;
	/** its place before what comes next was shuffled */
	formerRank?: string;
}

/** A collection that plays on behind the queue: "next from …". */
export interface QueueSource {
	/** what the zone is called, as the collection is */
	label: string;
	/** its page */
	href: string;
	trackIds: number[];
	/** of the track that comes next */
	nextIndex: number;
	/** their order before what comes next was shuffled */
	formerTrackIds?: number[];
}

/** A value of which the newest wins when two devices set it. */
export interface Stamped<T> {
	value: T;
	at: number;
}

export interface QueueState {
	/** in the order of their ranks: before the current one what was heard, behind it what comes */
	items: QueueItem[];
	/** id of the item that plays or would; null: nothing yet */
	current: Stamped<string | null>;
	repeat: Stamped<Repeat>;
	source: Stamped<QueueSource | null>;
}

/** Whether an address is a page of this site, and can be of no other: browsers pass over a tab in it. */
export const isSitePath = (href: string): boolean => /^\/(?![/\\])/.test(href) && isPlainText(href);

export const emptyQueue = (): QueueState => ({
	items: [],
	current: { value: null, at: 0 },
	repeat: { value: 'off', at: 0 },
	source: { value: null, at: 0 }
});

type Placed = Pick<QueueItem, 'rank' | 'id'>;

/** By rank; by id where two devices chose the same one at the same moment. */
export const byRank = (a: Placed, b: Placed): number => {
	if (a.rank !== b.rank) return a.rank < b.rank ? -1 : 1;
	return a.id < b.id ? -1 : a.id > b.id ? 1 : 0;
};

/** Where the current item is; -1: there is none. */
export const currentIndex = (queue: QueueState): number =>
	queue.items.findIndex((item) => item.id === queue.current.value);

export const currentItem = (queue: QueueState): QueueItem | null =>
	queue.items[currentIndex(queue)] ?? null;

/** The items that are in a queue and were not in it before. */
export function addedSince(before: QueueState, queue: QueueState): QueueItem[] {
	const known = new Set(before.items.map(({ id }) => id));
	return queue.items.filter(({ id }) => !known.has(id));
}

/** The explicit queue: what was put behind the current item. */
export const upcomingItems = (queue: QueueState): QueueItem[] =>
	queue.items.slice(currentIndex(queue) + 1);

/** What the collection adds behind the explicit queue. */
export const upcomingOfSource = (queue: QueueState): number[] =>
	queue.source.value?.trackIds.slice(queue.source.value.nextIndex) ?? [];

/** Whether there is an order to go back to. */
export const isShuffled = (queue: QueueState): boolean =>
	queue.source.value?.formerTrackIds !== undefined ||
	upcomingItems(queue).some((item) => item.formerRank !== undefined);
