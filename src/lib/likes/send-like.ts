import { resolve } from '$app/paths';
import { askAgain } from '#lib/ask-again.ts';
import { readRefusal, type RefusedError } from '#lib/refusal.ts';
import type { Toasts, ToastContent } from '#lib/toasts/toasts.svelte.ts';
import { LikeSender } from './like-sender.ts';
import { AS_OF_HEADER } from './likes-as-of.ts';
import type { Likeable } from './likes.svelte.ts';

/** As long as a person's server may take to answer, and a little more. */
const SEND_LIMIT_MS = 45_000;

/** Sends likes to the server. */
export const likeSender = (toasts: Toasts): LikeSender =>
	new LikeSender((track, isLiked) => sendLike(toasts, track, isLiked));

/** Likes or unlikes a track and says what came of it. @returns as `SendLike` */
async function sendLike(
	toasts: Toasts,
	{ id, title }: Likeable,
	isLiked: boolean
): Promise<number | null> {
	const toastId = `like-${id}`;
	let asOf: string | null;
	try {
		const signal = AbortSignal.timeout(SEND_LIMIT_MS);
		const response = await askAgain(() =>
			fetch(`/api/tracks/${id}/like`, {
				method: isLiked ? 'POST' : 'DELETE',
				headers: { accept: 'application/json' },
				signal
			})
		);
		if (!response.ok) {
			toasts.show(failure(readRefusal(response.status, await response.text())), toastId);
			return null;
		}
		asOf = response.headers.get(AS_OF_HEADER);
	} catch {
		const message = 'failed to update like: the server could not be reached. try again';
		toasts.show({ kind: 'error', message }, toastId);
		return null;
	}
	toasts.show(
		isLiked
			? { kind: 'success', message: `liked ${title}` }
			: { kind: 'info', message: `unliked ${title}` },
		toastId
	);
	// nobody could say: it counts until the page is loaded anew
	return asOf === null ? Infinity : Number(asOf);
}

/** With the way forward, where there is one. */
function failure({ code, status, message: reason }: RefusedError): ToastContent {
	const message = `failed to update like: ${reason}`;
	const here = encodeURIComponent(location.pathname + location.search);
	if (code === 'permission_needed') {
		const href = resolve(`/auth/permission?return_to=${here}`);
		return { kind: 'error', message, durationMs: 0, link: { href, label: 'allow it' } };
	}
	if (status === 401) {
		const href = resolve(`/login?return_to=${here}`);
		return { kind: 'error', message, durationMs: 0, link: { href, label: 'sign in' } };
	}
	return { kind: 'error', message };
}
