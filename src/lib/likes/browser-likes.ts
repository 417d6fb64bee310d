import { loadOnce } from '#lib/load-once.ts';
import type { Toasts } from '#lib/toasts/toasts.svelte.ts';
import { Likes } from './likes.svelte.ts';

/** The likes of a page: what sends them is fetched with the first one. */
export function browserLikes(toasts: Toasts): Likes {
	const load = loadOnce(() => import('./send-like.ts'));
	return new Likes(async (...like) => {
		try {
			return await (await load()).sendLike(toasts, ...like);
		} catch {
			const message = 'failed to update like: check your connection, then try again';
			toasts.show({ kind: 'error', message });
			return false;
		}
	});
}
