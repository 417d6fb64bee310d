import type { Listening } from '#lib/player/listening.svelte.ts';
import type { Toasts } from '#lib/toasts/toasts.svelte.ts';
import type { Track } from '#lib/tracks/track.ts';

const UNDO_MS = 8_000;

export type WhereInQueue = 'next' | 'end';

/** Puts tracks in the queue, says so, and offers to take that back. Nothing begins to sound. */
export function putInQueue(
	listening: Listening,
	toasts: Toasts,
	{ tracks, name, where }: { tracks: readonly Track[]; name: string; where: WhereInQueue }
): void {
	const before = listening.queue;
	const ids = where === 'next' ? listening.playNext(tracks) : listening.addToEnd(tracks);
	// there was no room, which was said
	if (listening.queue === before) return;
	const message = where === 'next' ? `${name} plays next` : `${name} is in the queue`;
	const undo = { label: 'undo', run: () => listening.remove(ids) };
	toasts.show(
		{
			...{ kind: 'success', message, durationMs: UNDO_MS },
			// what was put in an empty queue is what play begins with
			...(ids.length > 0 ? { action: undo } : {})
		},
		'queued'
	);
}
