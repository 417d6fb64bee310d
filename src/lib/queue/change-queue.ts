import { plainText } from './plain-text.ts';
import {
	byRank,
	currentIndex,
	currentItem,
	QUEUE_MAX_ITEMS,
	type QueueItem,
	type QueueSource,
	type QueueState,
	type Repeat,
	SOURCE_MAX_TRACKS,
	upcomingItems,
	upcomingOfSource
} from './queue-state.ts';
import { rankBetween, RANK_MAX_CHARACTERS, ranksBetween } from './rank.ts';

/** What a change needs from outside; a test brings its own. */
export interface QueueClock {
	/** now, by the server's clock */
	now: () => number;
	/** a new item's id */
	newId: () => string;
	/** from 0 up to, and without, 1 */
	random: () => number;
}

/** How much of what was heard is kept. */
const HISTORY_MAX_ITEMS = 200;

/** The queue took as many as fit. */
export class QueueFull extends Error {
	override name = 'QueueFull';
	constructor() {
		super(`the queue is full: it holds ${QUEUE_MAX_ITEMS.toLocaleString('en')} tracks`);
	}
}

/** Adds tracks behind everything. @throws QueueFull */
export function addToEnd(queue: QueueState, trackIds: number[], clock: QueueClock): QueueState {
	return insert(queue, trackIds, queue.items.length, clock);
}

/** Adds items of another queue behind everything; they keep their ids. @throws QueueFull */
export function takeOver(
	queue: QueueState,
	items: readonly QueueItem[],
	clock: QueueClock
): QueueState {
	return insertItems(queue, [...items], queue.items.length, clock);
}

/** Adds tracks right behind the current one, in their order. @throws QueueFull */
export function playNext(queue: QueueState, trackIds: number[], clock: QueueClock): QueueState {
	return insert(queue, trackIds, currentIndex(queue) + 1, clock);
}

/**
 * Makes a track the current one. What was put in the queue stays behind it, then `source` goes on;
 * null: a track on its own, nothing follows from where it was.
 */
export function playNow(
	queue: QueueState,
	trackId: number,
	source: Omit<QueueSource, 'nextIndex'> | null,
	clock: QueueClock
): QueueState {
	const { grown, id } = insertBehindCurrent(queue, trackId, clock);
	const at = clock.now();
	return {
		...grown,
		current: { value: id, at },
		source: { value: source && startSource(source, trackId), at }
	};
}

function startSource(source: Omit<QueueSource, 'nextIndex'>, trackId: number): QueueSource {
	const start = source.trackIds.indexOf(trackId) + 1;
	const from = Math.max(0, Math.min(start, source.trackIds.length - SOURCE_MAX_TRACKS));
	const trackIds = source.trackIds.slice(from, from + SOURCE_MAX_TRACKS);
	// a name from the network may hold what no queue can
	return { ...source, label: plainText(source.label), trackIds, nextIndex: start - from };
}

/** Makes an item of the queue the current one. */
export function jumpTo(queue: QueueState, id: string, clock: QueueClock): QueueState {
	if (!queue.items.some((item) => item.id === id)) return queue;
	return { ...queue, current: { value: id, at: clock.now() } };
}

/** What follows the current item: an item of the queue, a track of the collection, or nothing. */
export type Following = { item: QueueItem } | { trackId: number; index: number } | null;

/** @param byItself the current one came to its end, so "repeat one" holds */
export function following(queue: QueueState, byItself: boolean): Following {
	const current = currentItem(queue);
	if (byItself && queue.repeat.value === 'one' && current) return { item: current };
	const [item] = upcomingItems(queue);
	if (item) return { item };
	const source = queue.source.value;
	const [trackId] = upcomingOfSource(queue);
	if (source && trackId !== undefined) return { trackId, index: source.nextIndex };
	if (queue.repeat.value === 'off') return null;
	const first = source?.trackIds[0];
	if (first !== undefined) return { trackId: first, index: 0 };
	return queue.items[0] ? { item: queue.items[0] } : null;
}

/** All that comes without anybody's doing, once round: of the queue, of the collection, and what is repeated. */
export function comingTrackIds(queue: QueueState): number[] {
	const items = upcomingItems(queue);
	const source = queue.source.value;
	const isRepeated = queue.repeat.value !== 'off';
	const ofSource = isRepeated && source ? source.trackIds : upcomingOfSource(queue);
	const ofQueue = isRepeated && !source ? queue.items : items;
	return [...ofQueue.map(({ trackId }) => trackId), ...ofSource];
}

/** Goes on to what follows; the same queue when nothing does. */
export function goOn(queue: QueueState, clock: QueueClock, byItself = false): QueueState {
	const next = following(queue, byItself);
	const source = queue.source.value;
	if (!next) return queue;
	if ('item' in next) return jumpTo(queue, next.item.id, clock);
	if (!source) return queue;
	const { grown, id } = insertBehindCurrent(queue, next.trackId, clock);
	const at = clock.now();
	return {
		...grown,
		current: { value: id, at },
		source: { value: { ...source, nextIndex: next.index + 1 }, at }
	};
}

/** Goes back to what was heard before; the same queue at its beginning. */
export function goBack(queue: QueueState, clock: QueueClock): QueueState {
	const former = queue.items[currentIndex(queue) - 1];
	return former ? jumpTo(queue, former.id, clock) : queue;
}

/** Puts an item before another; null: behind everything. */
export function moveBefore(
	queue: QueueState,
	id: string,
	beforeId: string | null,
	clock: QueueClock
): QueueState {
	const item = queue.items.find((one) => one.id === id);
	if (!item || id === beforeId) return queue;
	const others = queue.items.filter((one) => one.id !== id);
	const found = beforeId === null ? -1 : others.findIndex((one) => one.id === beforeId);
	const index = found === -1 ? others.length : found;
	return placeAt({ ...queue, items: others }, [item], index, clock);
}

/** Takes an item out; never the current one. */
export const removeItem = (queue: QueueState, id: string): QueueState => removeItems(queue, [id]);

/** Takes items out; never the current one. */
export function removeItems(queue: QueueState, ids: readonly string[]): QueueState {
	const gone = new Set(ids);
	const isOut = ({ id }: QueueItem) => gone.has(id) && id !== queue.current.value;
	return queue.items.some(isOut)
		? { ...queue, items: queue.items.filter((item) => !isOut(item)) }
		: queue;
}

/** Puts an item that was taken out back to its place. @throws QueueFull */
export function putBack(queue: QueueState, item: QueueItem, clock: QueueClock): QueueState {
	if (queue.items.some(({ id }) => id === item.id)) return queue;
	const roomy = withRoomFor(1, queue);
	const items = [...roomy.items, { ...item, movedAt: clock.now() }].sort(byRank);
	return { ...roomy, items };
}

/** Takes out everything that comes next, the collection as well. */
export function clearUpcoming(queue: QueueState, clock: QueueClock): QueueState {
	return {
		...queue,
		items: queue.items.slice(0, currentIndex(queue) + 1),
		source: { value: null, at: clock.now() }
	};
}

/** Takes `clearUpcoming` back: what came next before is there again, behind what came since. */
export function restoreUpcoming(
	queue: QueueState,
	before: QueueState,
	clock: QueueClock
): QueueState {
	const kept = new Set(queue.items.map(({ id }) => id));
	const gone = upcomingItems(before).filter(({ id }) => !kept.has(id));
	const roomy = withRoomFor(gone.length, queue);
	const source = queue.source.value ?? before.source.value;
	return {
		...placeAt(roomy, gone, roomy.items.length, clock),
		source: { value: source, at: clock.now() }
	};
}

/** Shuffles what comes next, the collection's rest with it; `unshuffle` takes it back. */
export function shuffleUpcoming(queue: QueueState, clock: QueueClock): QueueState {
	const upcoming = upcomingItems(queue);
	if (Math.max(upcoming.length, upcomingOfSource(queue).length) < 2) return queue;
	const ranks = upcoming.map(({ rank }) => rank);
	const now = clock.now();
	const moved = new Map(
		shuffled(upcoming, clock.random).map((item, index): [string, QueueItem] => {
			const rank = ranks[index] ?? item.rank;
			return [item.id, { ...item, rank, movedAt: now, formerRank: item.formerRank ?? item.rank }];
		})
	);
	const items = queue.items.map((item) => moved.get(item.id) ?? item).sort(byRank);
	const source = shuffledSource(queue, clock);
	return { ...queue, items, source: source ? { value: source, at: now } : queue.source };
}

function shuffledSource(queue: QueueState, clock: QueueClock): QueueSource | null {
	const source = queue.source.value;
	if (!source) return null;
	const heard = source.trackIds.slice(0, source.nextIndex);
	const trackIds = [...heard, ...shuffled(upcomingOfSource(queue), clock.random)];
	return { ...source, trackIds, formerTrackIds: source.formerTrackIds ?? source.trackIds };
}

/**
 * Puts what comes next back into the order it had; what was added since stays where it is, as does
 * what was heard.
 */
export function unshuffle(queue: QueueState, clock: QueueClock): QueueState {
	const now = clock.now();
	const shuffledItems = upcomingItems(queue).filter((item) => item.formerRank !== undefined);
	const former = (item: QueueItem) => ({ id: item.id, rank: item.formerRank ?? item.rank });
	const inFormerOrder = shuffledItems.toSorted((a, b) => byRank(former(a), former(b)));
	// they share out the places they have now: their former ones may lie among what was heard
	const ranks = new Map(inFormerOrder.map(({ id }, i) => [id, shuffledItems[i]?.rank]));
	const items = queue.items.map((item) => {
		if (item.formerRank === undefined) return item;
		const { formerRank: _, ...rest } = item;
		return { ...rest, rank: ranks.get(item.id) ?? item.rank, movedAt: now };
	});
	return {
		...queue,
		items: items.sort(byRank),
		source: { value: unshuffledSource(queue), at: now }
	};
}

function unshuffledSource(queue: QueueState): QueueSource | null {
	const source = queue.source.value;
	if (!source?.formerTrackIds) return source;
	const { formerTrackIds, ...rest } = source;
	const left = new Map<number, number>();
	for (const id of upcomingOfSource(queue)) left.set(id, (left.get(id) ?? 0) + 1);
	const upcoming = formerTrackIds.toReversed().filter((id) => {
		const count = left.get(id) ?? 0;
		left.set(id, count - 1);
		return count > 0;
	});
	const heard = source.trackIds.slice(0, source.nextIndex);
	return { ...rest, trackIds: [...heard, ...upcoming.reverse()] };
}

export function setRepeat(queue: QueueState, repeat: Repeat, clock: QueueClock): QueueState {
	return { ...queue, repeat: { value: repeat, at: clock.now() } };
}

/** Fisher–Yates; another order than before whenever there is one. */
function shuffled<T>(list: readonly T[], random: () => number): T[] {
	const result = [...list];
	for (let i = result.length - 1; i > 0; i--) {
		const j = Math.floor(random() * (i + 1));
		[result[i], result[j]] = [result[j] as T, result[i] as T];
	}
	const isSame = result.every((one, index) => one === list[index]);
	return isSame && result.length > 1 ? [...result.slice(1), result[0] as T] : result;
}

/** Makes room by forgetting the oldest of what was heard. @throws QueueFull where that is not enough */
function withRoomFor(count: number, queue: QueueState): QueueState {
	const extra = Math.max(0, queue.items.length + count - QUEUE_MAX_ITEMS);
	if (extra > Math.max(0, currentIndex(queue))) throw new QueueFull();
	return extra > 0 ? { ...queue, items: queue.items.slice(extra) } : queue;
}

/** Makes room for one more, whatever it takes, and keeps not too much of what was heard. */
function withRoom(queue: QueueState): QueueState {
	const extra = Math.max(
		currentIndex(queue) - HISTORY_MAX_ITEMS,
		queue.items.length >= QUEUE_MAX_ITEMS ? 1 : 0
	);
	return extra > 0 ? { ...queue, items: queue.items.slice(extra) } : queue;
}

/** Puts a track right behind the current one, though the queue is full. @returns the new item's id with it */
function insertBehindCurrent(
	queue: QueueState,
	trackId: number,
	clock: QueueClock
): { grown: QueueState; id: string } {
	const roomy = withRoom(queue);
	const id = clock.newId();
	const item = { id, trackId, rank: '', movedAt: 0 };
	return { grown: placeAt(roomy, [item], currentIndex(roomy) + 1, clock), id };
}

function insert(
	queue: QueueState,
	trackIds: number[],
	index: number,
	clock: QueueClock
): QueueState {
	const added = trackIds.map((trackId) => ({ id: clock.newId(), trackId, rank: '', movedAt: 0 }));
	return insertItems(queue, added, index, clock);
}

function insertItems(
	queue: QueueState,
	added: QueueItem[],
	index: number,
	clock: QueueClock
): QueueState {
	const roomy = withRoomFor(added.length, queue);
	const forgotten = queue.items.length - roomy.items.length;
	return placeAt(roomy, added, index - forgotten, clock);
}

/** Ranks items between their neighbours; everything is ranked anew when a rank grew too long. */
function placeAt(
	queue: QueueState,
	placed: QueueItem[],
	index: number,
	clock: QueueClock
): QueueState {
	const before = queue.items.slice(0, index);
	const behind = queue.items.slice(index);
	const after = before.at(-1)?.rank ?? null;
	const limit = behind.find((item) => after === null || item.rank > after)?.rank ?? null;
	const movedAt = clock.now();
	const ranks = ranksBetween(after, limit, placed.length);
	const ranked = placed.map(({ id, trackId }, i) => ({
		...{ id, trackId, movedAt },
		rank: ranks[i] ?? rankBetween(after, limit)
	}));
	// two devices may have chosen the same rank: then the neighbours are not where their places say
	const items = [...before, ...ranked, ...behind].sort(byRank);
	const isTooLong = ranks.some((rank) => rank.length > RANK_MAX_CHARACTERS);
	return { ...queue, items: isTooLong ? spread(items, movedAt) : items };
}

function spread(items: QueueItem[], movedAt: number): QueueItem[] {
	const ranks = ranksBetween(null, null, items.length);
	return items.map(({ id, trackId }, i) => ({ id, trackId, movedAt, rank: ranks[i] ?? '' }));
}
