import type { Toasts } from '#lib/toasts/toasts.svelte.ts';
import { type QueueClock, takeOver } from './change-queue.ts';
import { forgetQueue, keptQueue } from './kept-queue.ts';
import { currentIndex, QUEUE_MAX_ITEMS, type QueueState } from './queue-state.ts';
import type { QueueSync } from './queue-sync.ts';

/**
 * What was queued in this browser before the sign-in comes behind what the account has, as far as
 * there is room; what is not taken along is counted in a message.
 */
export function bringAlong(
	sync: QueueSync,
	{ toasts, clock }: { toasts: Toasts; clock: QueueClock },
	receive: (state: QueueState) => void
): void {
	const kept = keptQueue();
	forgetQueue();
	if (!kept || kept.items.length === 0) return;
	if (sync.state.items.length === 0) {
		sync.change(kept);
		receive(kept);
		return;
	}
	// a tab that has not heard of the sign-in may keep the same once more
	const here = new Set(sync.state.items.map(({ id }) => id));
	const items = kept.items.slice(Math.max(0, currentIndex(kept))).filter(({ id }) => !here.has(id));
	const fitting = items.slice(0, QUEUE_MAX_ITEMS - sync.state.items.length);
	if (fitting.length > 0) {
		sync.change(takeOver(sync.state, fitting, clock));
		receive(sync.state);
	}
	const left = items.length - fitting.length;
	if (left === 0) return;
	const what = left === 1 ? 'one track' : `${left.toLocaleString('en')} tracks`;
	const message = `your queue is full: ${what} that this browser had queued did not fit`;
	toasts.show({ kind: 'warning', message }, 'queue');
}
