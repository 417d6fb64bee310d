import { whenLeaving } from '#lib/player/keep-listening.ts';
import type { Listening } from '#lib/player/listening.svelte.ts';
import { forget, readStored, store } from '#lib/safe-storage.ts';
import type { Toasts } from '#lib/toasts/toasts.svelte.ts';
import { addToEnd } from './change-queue.ts';
import type { DeviceClock } from './device-clock.ts';
import { forgetQueue, keptPosition, keptQueue } from './kept-queue.ts';
import { pushQueue, QueueFeed } from './queue-line.ts';
import { currentIndex, QUEUE_MAX_ITEMS, type QueueState } from './queue-state.ts';
import { type KeptQueue, QueueSync } from './queue-sync.ts';

/** What a queue of an account needs to live on a page. */
interface AccountParts {
	did: string;
	listening: Listening;
	toasts: Toasts;
	clock: DeviceClock;
}

/**
 * Keeps the queue of this page and the one of somebody's account the same. What comes from other
 * devices never starts sound here. @returns how to stop
 */
export function keepWithAccount({ did, listening, toasts, clock }: AccountParts): () => void {
	const name = `queue_unsent:${did}`;
	const receive = (state: QueueState) => {
		// without an answer about its track it is there all the same, and asks again when played
		listening.receive(state, keptPosition(state.current.value ?? '')).catch(() => undefined);
	};
	const sync = new QueueSync(
		{
			push: pushQueue,
			newId: clock.newId,
			later(delayMs, action) {
				const timer = setTimeout(action, delayMs);
				return () => clearTimeout(timer);
			}
		},
		{
			changed: receive,
			refused: (reason) =>
				toasts.show({ kind: 'error', message: `the queue is not saved: ${reason}` }, 'queue')
		},
		readUnsent(name)
	);
	if (sync.isUnsent) receive(sync.state);
	// played before this was there
	else if (listening.current) sync.change(listening.queue);
	listening.onChange = (queue) => sync.change(queue);

	const feed = new QueueFeed((snapshot, serverNow) => {
		clock.set(serverNow);
		sync.receive(snapshot);
		const left = bringAlong(sync, clock);
		if (left === null) return;
		receive(sync.state);
		if (left === 0) return;
		const what = left === 1 ? 'one track' : `${left} tracks`;
		const message = `your queue is full: ${what} that this browser had queued did not fit`;
		toasts.show({ kind: 'warning', message }, 'queue');
	});
	feed.open();
	const reconnect = () => {
		feed.open();
		sync.reconnected();
	};
	const look = () => {
		if (document.visibilityState === 'visible') feed.open();
	};
	addEventListener('online', reconnect);
	document.addEventListener('visibilitychange', look);
	const stopLeaving = whenLeaving(() => {
		if (sync.isUnsent) store(name, JSON.stringify(sync.keep()));
		else forget(name);
		sync.flush(true);
	});
	return () => {
		removeEventListener('online', reconnect);
		document.removeEventListener('visibilitychange', look);
		stopLeaving();
		feed.close();
		sync.stop();
	};
}

/**
 * What was queued in this browser before the sign-in comes behind what the account has.
 * @returns how many tracks found no room; null: there was nothing to bring
 */
function bringAlong(sync: QueueSync, clock: DeviceClock): number | null {
	const kept = keptQueue();
	forgetQueue();
	if (!kept || kept.items.length === 0) return null;
	if (sync.state.items.length === 0) {
		sync.change(kept);
		return 0;
	}
	const ids = kept.items.slice(Math.max(0, currentIndex(kept))).map(({ trackId }) => trackId);
	const fitting = ids.slice(0, QUEUE_MAX_ITEMS - sync.state.items.length);
	sync.change(addToEnd(sync.state, fitting, clock));
	return ids.length - fitting.length;
}

/** What an earlier page could not send. */
function readUnsent(name: string): KeptQueue | undefined {
	try {
		const stored = readStored(name);
		forget(name);
		return stored === null ? undefined : (JSON.parse(stored) as KeptQueue);
	} catch {
		return undefined;
	}
}
