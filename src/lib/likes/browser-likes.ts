import { loadOnce } from '#lib/load-once.ts';
import type { Toasts } from '#lib/toasts/toasts.svelte.ts';
import { Likes } from './likes.svelte.ts';

/** The likes of a page: what sends them is fetched with the first one. */
export function browserLikes(toasts: Toasts): Likes {
	const load = loadOnce(async () => (await import('./send-like.ts')).likeSender(toasts));
	return new Likes(async (likes, track, before) => {
		try {
			await (await load()).settle(likes, track, before);
		} catch {
			likes.show(track, before, before.asOf);
			toasts.show({ kind: 'error', message: 'failed to update like: check your connection' });
		}
	});
}
