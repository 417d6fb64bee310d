import {
	addToEnd,
	clearUpcoming,
	goBack,
	goOn,
	jumpTo,
	moveBefore,
	playNext,
	playNow,
	putBack,
	type QueueClock,
	removeItem,
	restoreUpcoming,
	setRepeat,
	shuffleUpcoming,
	unshuffle
} from '#lib/queue/change-queue.ts';
import {
	type QueueItem,
	type QueueState,
	type Repeat,
	upcomingItems
} from '#lib/queue/queue-state.ts';

const ALBUM = { label: 'an album', href: '/u/alice.test/album/tides', trackIds: [1, 2, 3] };
const REPEATS: Repeat[] = ['off', 'all', 'one'];
/** What came next is cleared seldom, or the queue would stay short. */
const CLEARS_OF_100 = 2;

/** Somebody who does at random all that can be done with a queue, and takes back what they cleared. */
export class RandomListener {
	readonly #random: () => number;
	readonly #clock: QueueClock;
	#beforeClear: QueueState | null = null;
	#takenOut: QueueItem | null = null;

	constructor(random: () => number, clock: QueueClock) {
		this.#random = random;
		this.#clock = clock;
	}

	/** One thing. @returns the queue after it */
	act(queue: QueueState): QueueState {
		const clock = this.#clock;
		if (this.#beforeClear && this.#pick(3) === 0) {
			const before = this.#beforeClear;
			this.#beforeClear = null;
			return restoreUpcoming(queue, before, clock);
		}
		if (this.#pick(100) < CLEARS_OF_100) {
			this.#beforeClear = queue;
			return clearUpcoming(queue, clock);
		}
		const upcoming = upcomingItems(queue);
		const one = upcoming[this.#pick(upcoming.length)]?.id ?? '';
		const other = upcoming[this.#pick(upcoming.length)]?.id ?? null;
		const any = queue.items[this.#pick(queue.items.length)]?.id ?? '';
		const track = 1 + this.#pick(50);
		const actions: (() => QueueState)[] = [
			() => addToEnd(queue, [track], clock),
			() => addToEnd(queue, [track, track], clock),
			() => playNext(queue, [track], clock),
			() => playNext(queue, [track, track + 1], clock),
			() => playNow(queue, track, this.#pick(2) === 0 ? ALBUM : null, clock),
			() => moveBefore(queue, one, other, clock),
			() => moveBefore(queue, one, null, clock),
			() => {
				this.#takenOut = upcoming.find(({ id }) => id === one) ?? null;
				return removeItem(queue, one);
			},
			() => (this.#takenOut ? putBack(queue, this.#takenOut, clock) : queue),
			() => goOn(queue, clock),
			() => goBack(queue, clock),
			() => jumpTo(queue, any, clock),
			() => shuffleUpcoming(queue, clock),
			() => unshuffle(queue, clock),
			() => setRepeat(queue, REPEATS[this.#pick(3)] ?? 'off', clock)
		];
		return actions[this.#pick(actions.length)]?.() ?? queue;
	}

	#pick(count: number): number {
		return Math.floor(this.#random() * count);
	}
}

/** What people meant: which items were added, and which of them were taken out. */
export class Intents {
	readonly #added = new Set<string>();
	/** by whom; whoever takes it back takes back their own */
	readonly #removed: Record<string, Set<number>> = {};
	readonly #restored = new Set<string>();

	/** Notes what one device did. */
	note(device: number, before: QueueState, after: QueueState): void {
		const idsBefore = new Set(before.items.map(({ id }) => id));
		const idsAfter = new Set(after.items.map(({ id }) => id));
		for (const id of idsAfter) {
			if (idsBefore.has(id)) continue;
			if (this.#added.has(id)) this.#restored.add(id);
			this.#added.add(id);
			this.#removed[id]?.delete(device);
		}
		for (const id of idsBefore) {
			if (!idsAfter.has(id)) (this.#removed[id] ??= new Set()).add(device);
		}
	}

	get addedCount(): number {
		return this.#added.size;
	}

	/** What is missing though nobody took it out. */
	lostFrom(queue: QueueState): string[] {
		const left = new Set(queue.items.map(({ id }) => id));
		return [...this.#added].filter((id) => !left.has(id) && !this.#isRemoved(id));
	}

	/** What is there though somebody took it out, and nobody put it back. */
	returnedTo(queue: QueueState): string[] {
		const ids = queue.items.map(({ id }) => id);
		return ids.filter((id) => this.#isRemoved(id) && !this.#restored.has(id));
	}

	#isRemoved(id: string): boolean {
		return (this.#removed[id]?.size ?? 0) > 0;
	}
}
