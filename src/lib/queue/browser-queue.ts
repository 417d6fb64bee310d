import { whenLeaving } from '#lib/player/keep-listening.ts';
import type { Listening } from '#lib/player/listening.svelte.ts';
import { isOfQueue, keepQueue, keptPosition, keptQueue } from './kept-queue.ts';
import { isSameQueue, mergeQueues } from './merge-queues.ts';
import { emptyQueue, type QueueState } from './queue-state.ts';
import { QueueTabs } from './queue-tabs.ts';

const SETTLE_MS = 250;

/**
 * Keeps the queue of who is not signed in: for the next page, and the same in all tabs. What an
 * earlier page left is shown, paused where it was; what another tab does starts no sound here.
 * @returns how to stop
 */
export function keepInBrowser({ listening }: { listening: Listening }): () => void {
	let known = emptyQueue();
	let unkept: ReturnType<typeof setTimeout> | undefined;
	const keep = () => {
		clearTimeout(unkept);
		if (unkept !== undefined) keepQueue(listening.queue);
		unkept = undefined;
	};
	const receive = (queue: QueueState) => {
		known = queue;
		void listening.receive(queue, keptPosition(queue.current.value ?? ''));
	};
	const tabs = new QueueTabs(null, (before, after) => {
		const merged = mergeQueues(before, listening.queue, after);
		if (!isSameQueue(merged, listening.queue)) receive(merged);
	});
	const change = (queue: QueueState) => {
		tabs.tell(known, queue);
		known = queue;
		unkept ??= setTimeout(keep, SETTLE_MS);
	};
	// what was done on this page before this was there is as good as what was kept
	const own = listening.queue;
	const kept = keptQueue();
	if (kept) receive(mergeQueues(emptyQueue(), own, kept));
	if (own.items.length > 0) change(listening.queue);
	listening.onChange = change;
	const stop = whenLeaving(keep);
	function end(): void {
		listening.onChange = undefined;
		removeEventListener('storage', look);
		stop();
		tabs.close();
	}
	// somebody has signed in in another tab, and took it along: from now on it is this page's own
	function look({ key, newValue }: StorageEvent): void {
		if (!isOfQueue(key) || newValue !== null) return;
		clearTimeout(unkept);
		end();
	}
	addEventListener('storage', look);
	return () => {
		keep();
		end();
	};
}
