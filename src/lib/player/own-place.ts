import { moveBefore, type QueueClock } from '#lib/queue/change-queue.ts';
import {
	byRank,
	currentItem,
	QUEUE_MAX_ITEMS,
	type QueueItem,
	type QueueSource,
	type QueueState
} from '#lib/queue/queue-state.ts';

/**
 * Where this page is in the queue: at the item its player has. Another tab or device may make
 * another one the queue's current item meanwhile. Then this page goes on from its own all the same,
 * through its own collection, and past what was played elsewhere.
 */
export class OwnPlace {
	#item: QueueItem | null = null;
	/** since the queue is at another item */
	#apart: { source: QueueSource | null; playedElsewhere: Set<string> } | null = null;

	/** The queue is at another item than the player. */
	get isApart(): boolean {
		return this.#apart !== null;
	}

	/** The player has the queue's current item now. */
	take(queue: QueueState): void {
		this.#item = currentItem(queue);
		this.#apart = null;
	}

	/** The queue was changed elsewhere, while the player keeps what it has. */
	follow(before: QueueState, queue: QueueState): void {
		const { value } = queue.current;
		if (!this.#item || value === null) return;
		if (value === this.#item.id) {
			this.#apart = null;
			return;
		}
		this.#apart ??= { source: before.source.value, playedElsewhere: new Set() };
		this.#apart.playedElsewhere.add(value);
	}

	/** The queue as it is from here. */
	view(queue: QueueState): QueueState {
		const [item, apart] = [this.#item, this.#apart];
		if (!item || !apart) return queue;
		// it may have been taken out elsewhere
		const own = queue.items.find(({ id }) => id === item.id) ?? item;
		const isOther = ({ id }: QueueItem) => id !== item.id && !apart.playedElsewhere.has(id);
		return {
			...queue,
			items: [...queue.items.filter(isOther), own].sort(byRank),
			current: { ...queue.current, value: item.id },
			source: { ...queue.source, value: apart.source }
		};
	}

	/**
	 * Makes a change from here: what is current here is so everywhere then, and what was played
	 * elsewhere meanwhile counts as heard.
	 */
	change(
		queue: QueueState,
		change: (view: QueueState) => QueueState,
		clock: QueueClock
	): QueueState {
		const view = this.view(queue);
		const next = change(view);
		if (view === queue) return next;
		if (next === view) return queue;
		const seen = new Set([...view.items, ...next.items].map(({ id }) => id));
		const room = QUEUE_MAX_ITEMS - next.items.length;
		const unseen = queue.items.filter(({ id }) => !seen.has(id)).slice(0, room);
		const whole = {
			...next,
			items: [...next.items, ...unseen].sort(byRank),
			source: { value: next.source.value, at: clock.now() }
		};
		const place = currentItem(whole);
		const heard = place ? unseen.filter((item) => byRank(item, place) > 0) : [];
		return heard.reduce((all, { id }) => moveBefore(all, id, next.current.value, clock), whole);
	}
}
