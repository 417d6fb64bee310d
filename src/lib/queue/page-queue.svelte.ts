import type { Toasts } from '#lib/toasts/toasts.svelte.ts';
import {
	clearUpcoming,
	following,
	moveBefore,
	putBack,
	type QueueClock,
	QueueFull,
	removeItems,
	restoreUpcoming,
	setRepeat,
	shuffleUpcoming,
	unshuffle
} from './change-queue.ts';
import type { KnownTracks } from './known-tracks.svelte.ts';
import {
	currentItem,
	emptyQueue,
	isShuffled,
	type QueueItem,
	type QueueState,
	type Repeat
} from './queue-state.ts';

const REPEATS: Record<Repeat, Repeat> = { off: 'all', all: 'one', one: 'off' };

export interface PageQueueParts {
	tracks: KnownTracks;
	toasts: Toasts;
	clock: QueueClock;
}

/** The queue of a page, and what can be done with what comes next without any sound. */
export class PageQueue {
	queue = $state.raw<QueueState>(emptyQueue());
	readonly current = $derived(currentItem(this.queue));
	readonly canGoOn = $derived(following(this.queue, false) !== null);
	readonly isShuffled = $derived(isShuffled(this.queue));
	readonly repeat = $derived(this.queue.repeat.value);
	readonly tracks: KnownTracks;

	/** called with every change made here */
	onChange: ((queue: QueueState) => void) | undefined;

	readonly #parts: PageQueueParts;

	constructor(parts: PageQueueParts) {
		this.#parts = parts;
		this.tracks = parts.tracks;
	}

	/** Takes items out; what plays stays. */
	remove(itemIds: readonly string[]): void {
		this.change((queue) => removeItems(queue, itemIds));
	}

	/** Takes the removal of an item back. */
	putBack(item: QueueItem): void {
		this.change((queue) => putBack(queue, item, this.#parts.clock));
	}

	/** Puts an item before another; null: behind everything. */
	move(itemId: string, beforeId: string | null): void {
		this.change((queue) => moveBefore(queue, itemId, beforeId, this.#parts.clock));
	}

	/** Takes out all that comes next, and offers to take that back. */
	clear(): void {
		const { clock, toasts } = this.#parts;
		const before = this.queue;
		if (!this.change((queue) => clearUpcoming(queue, clock))) return;
		const undo = () => this.change((queue) => restoreUpcoming(queue, before, clock));
		toasts.show({
			...{ kind: 'info', message: 'the queue is empty now', durationMs: 8_000 },
			action: { label: 'undo', run: undo }
		});
	}

	toggleShuffle(): void {
		const change = this.isShuffled ? unshuffle : shuffleUpcoming;
		this.change((queue) => change(queue, this.#parts.clock));
	}

	/** Off, all, one, and off again. */
	cycleRepeat(): void {
		this.setRepeat(REPEATS[this.repeat]);
	}

	setRepeat(repeat: Repeat): void {
		this.change((queue) => setRepeat(queue, repeat, this.#parts.clock));
	}

	/** Makes a change; one that finds no room is said. @returns whether there was any */
	protected change(change: (queue: QueueState) => QueueState): boolean {
		try {
			const next = change(this.queue);
			if (next === this.queue) return false;
			this.queue = next;
		} catch (cause) {
			if (!(cause instanceof QueueFull)) throw cause;
			this.#parts.toasts.show({ kind: 'warning', message: cause.message });
			return false;
		}
		this.onChange?.(this.queue);
		return true;
	}
}
