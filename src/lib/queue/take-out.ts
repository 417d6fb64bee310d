import type { Listening } from '#lib/player/listening.svelte.ts';
import type { Toasts } from '#lib/toasts/toasts.svelte.ts';
import type { QueueItem } from './queue-state.ts';

const UNDO_MS = 8_000;

/** Takes an item out of the queue, says so, and offers to take that back. */
export function takeOut(listening: Listening, toasts: Toasts, item: QueueItem, name: string): void {
	listening.remove([item.id]);
	toasts.show(
		{
			...{ kind: 'info', message: `${name} is out of the queue`, durationMs: UNDO_MS },
			action: { label: 'undo', run: () => listening.putBack(item) }
		},
		'taken-out'
	);
}
