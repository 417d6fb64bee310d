import type { Toasts } from '#lib/toasts/toasts.svelte.ts';
import { addToEnd, type QueueClock } from './change-queue.ts';
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
	const ids = kept.items.slice(Math.max(0, currentIndex(kept))).map(({ trackId }) => trackId);
	const fitting = ids.slice(0, QUEUE_MAX_ITEMS - sync.state.items.length);
	if (fitting.length > 0) {
		sync.change(addToEnd(sync.state, fitting, clock));
		receive(sync.state);
	}
	const left = ids.length - fitting.length;
	if (left === 0) return;
	const what = left === 1 ? 'one track' : `${left.toLocaleString('en')} tracks`;
	const message = `your queue is full: ${what} that this browser had queued did not fit`;
	toasts.show({ kind: 'warning', message }, 'queue');
}
