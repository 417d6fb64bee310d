import { isSameQueue, leftOutOf, mergeQueues } from './merge-queues.ts';
import { emptyQueue, type QueueState } from './queue-state.ts';

/** The queue as the server has it. */
export interface QueueSnapshot {
	state: QueueState;
	/** counts the writes; 0: nothing was ever written */
	revision: number;
	/** ids of the last writes: whoever lost an answer finds out here that it had arrived */
	recentPushes: string[];
}

export interface QueuePush {
	id: string;
	state: QueueState;
	/** what it was made from; the server refuses it when it has a newer one */
	revision: number;
	/** the page is being left: the request must outlive it */
	isLast: boolean;
}

/** What became of a push. A transport that got no answer rejects: nobody knows. */
export type PushAnswer =
	| { kind: 'accepted' | 'conflict'; snapshot: QueueSnapshot }
	| { kind: 'refused'; reason: string }
	| { kind: 'signed-out' };

/** What one page leaves for the next. */
export interface KeptQueue {
	base: QueueSnapshot;
	/** null: nothing is unsent */
	state: QueueState | null;
	unanswered: QueuePush | null;
}

/** What the protocol needs from outside. */
export interface QueueLink {
	push(push: QueuePush): Promise<PushAnswer>;
	newId(): string;
	/** runs an action later. @returns how to call it off */
	later(delayMs: number, action: () => void): () => void;
}

export interface QueueSyncEvents {
	/** the state changed from outside: another tab, another device, a merge */
	changed(state: QueueState): void;
	/** the server will never take it as it is; a sentence */
	refused(reason: string): void;
	/** so many tracks that were added here found no room beside what others added */
	leftOut?(count: number): void;
	/** the server has everything now */
	saved?(): void;
}

/** The changes of as long a moment go together. */
const SETTLE_MS = 250;
/** Until the server's news came for the first time, a push would be made from an old queue, and refused. */
const FIRST_NEWS_MS = 2_000;
/** What another tab did it sends itself; only when that tab is gone by then it is sent from here. */
const OTHER_TAB_MS = 3_000;
const RETRY_FIRST_MS = 1_000;
const RETRY_LONGEST_MS = 30_000;

/**
 * Keeps one device's copy of the queue and the server's the same. A change counts at once and is
 * sent a moment later, one push at a time; what others did meanwhile is merged, never overwritten.
 * Until an answer comes nobody knows whether a push arrived, so it is remembered until a snapshot
 * tells.
 */
export class QueueSync {
	state: QueueState = emptyQueue();
	/** what the server is known to have; `state` differs from it by what is not yet sent */
	#base: QueueSnapshot = { state: this.state, revision: 0, recentPushes: [] };
	#unanswered: QueuePush | null = null;
	#isPushing = false;
	#hasNews = false;
	#isStopped = false;
	#callOff: (() => void) | null = null;
	#dueAfterMs = 0;
	#retryMs = RETRY_FIRST_MS;
	readonly #link: QueueLink;
	readonly #events: QueueSyncEvents;

	/** @param kept what an earlier page of this browser left, with what it could not send */
	constructor(link: QueueLink, events: QueueSyncEvents, kept?: KeptQueue) {
		this.#link = link;
		this.#events = events;
		if (!kept) return;
		this.#base = kept.base;
		this.#unanswered = kept.unanswered;
		this.state = kept.state ?? kept.base.state;
		this.#pushSoon();
	}

	/** All of it, to be kept until the next page. */
	keep(): KeptQueue {
		const state = this.isUnsent ? this.state : null;
		return { base: this.#base, state, unanswered: this.#unanswered };
	}

	get revision(): number {
		return this.#base.revision;
	}

	/** Whether something has not reached the server yet. */
	get isUnsent(): boolean {
		return this.state !== this.#base.state;
	}

	/** A change made here: it counts at once. */
	change(state: QueueState): void {
		if (state === this.state) return;
		this.state = state;
		this.#pushSoon();
	}

	/** A change made in another tab of this browser: it counts here as well. */
	adopt(before: QueueState, after: QueueState): void {
		const merged = mergeQueues(before, this.state, after);
		if (isSameQueue(merged, this.state)) return;
		this.state = merged;
		this.#events.changed(merged);
		this.#pushAfter(OTHER_TAB_MS);
	}

	/**
	 * What the server has: asked for, pushed by it, or found in another tab. Older ones are ignored.
	 * @param isPutBack it is not old news: the server lost what it had since, as after a restore
	 */
	receive(snapshot: QueueSnapshot, { isPutBack = false } = {}): void {
		this.#hasNews = true;
		if (snapshot.revision <= this.#base.revision && !isPutBack) {
			if (this.isUnsent) this.#pushSoon();
			return;
		}
		const sent = this.#unanswered;
		const arrived = sent !== null && snapshot.recentPushes.includes(sent.id);
		// a push that arrived is what the others' changes were made from
		const known = arrived ? sent.state : this.#base.state;
		// what a server lacks that was put back nobody took out: there is nothing in common to start from
		const base = isPutBack ? emptyQueue() : known;
		if (arrived || isPutBack) this.#unanswered = null;
		const before = this.state;
		this.#base = snapshot;
		this.state = this.#merge(base, before, snapshot.state);
		if (this.state !== before) this.#events.changed(this.state);
		if (this.isUnsent) this.#pushSoon();
		else this.#events.saved?.();
	}

	#merge(base: QueueState, mine: QueueState, theirs: QueueState): QueueState {
		if (mine === base) return theirs;
		const merged = mergeQueues(base, mine, theirs);
		const count = leftOutOf(merged, base, mine);
		if (count > 0) this.#events.leftOut?.(count);
		// nothing of it is new to the server
		return isSameQueue(merged, theirs) ? theirs : merged;
	}

	/** Sends what is unsent now; `isLast` when the page is being left. */
	flush(isLast = false): void {
		this.#callOff?.();
		this.#callOff = null;
		void this.#push(isLast);
	}

	/** The line is back: no need to wait for the next try. */
	reconnected(): void {
		this.#retryMs = RETRY_FIRST_MS;
		this.flush();
	}

	stop(): void {
		this.#isStopped = true;
		this.#callOff?.();
	}

	#pushSoon(): void {
		this.#pushAfter(this.#hasNews ? SETTLE_MS : FIRST_NEWS_MS);
	}

	#pushAfter(delayMs: number): void {
		if (this.#isStopped || this.#isPushing) return;
		// one that is due is not put off: who never stops changing would never be heard
		if (this.#callOff && this.#dueAfterMs <= delayMs) return;
		this.#callOff?.();
		this.#dueAfterMs = delayMs;
		this.#callOff = this.#link.later(delayMs, () => void this.#push(false));
	}

	async #push(isLast: boolean): Promise<void> {
		if (this.#isStopped || this.#isPushing) return;
		this.#callOff = null;
		// what was due may have come from elsewhere since
		if (!this.isUnsent && !this.#unanswered) return;
		this.#isPushing = true;
		// one whose fate is unknown is repeated as it was: the server knows it by its id
		const push = this.#unanswered ?? {
			id: this.#link.newId(),
			state: this.state,
			revision: this.#base.revision,
			isLast
		};
		this.#unanswered = push;
		try {
			this.#take(push, await this.#link.push({ ...push, isLast }));
		} catch {
			// no answer: tried again until there is one
			this.#isPushing = false;
			this.#pushLater();
		}
	}

	/** A little later each time. */
	#pushLater(): void {
		this.#pushAfter(this.#retryMs);
		this.#retryMs = Math.min(this.#retryMs * 2, RETRY_LONGEST_MS);
	}

	#take(push: QueuePush, answer: PushAnswer): void {
		if (answer.kind === 'signed-out') {
			this.#isPushing = false;
			this.stop();
			return;
		}
		if (answer.kind === 'refused') {
			this.#isPushing = false;
			this.#retryMs = RETRY_FIRST_MS;
			this.#unanswered = null;
			this.#events.refused(answer.reason);
			return;
		}
		const { snapshot } = answer;
		const isRefused = answer.kind === 'conflict' && !snapshot.recentPushes.includes(push.id);
		if (isRefused) this.#unanswered = null;
		// what is refused for no newer queue was made from one that the server lost
		this.receive(snapshot, { isPutBack: isRefused && snapshot.revision <= push.revision });
		if (this.#unanswered === push) this.#unanswered = null;
		this.#isPushing = false;
		const isAhead = this.#base.revision > push.revision;
		if (isAhead) this.#retryMs = RETRY_FIRST_MS;
		if (!this.isUnsent) return;
		if (isAhead) this.#pushAfter(0);
		else this.#pushLater();
	}
}
