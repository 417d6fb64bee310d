import type { RequestEvent } from '@sveltejs/kit';
import { isSessionLive } from '#lib/server/auth/developer-tokens.ts';
import { describeError } from '#lib/server/log.ts';

/** News of a sign-out can be lost, so the session is looked up now and then. */
const LOOK_EVERY_MS = 30_000;
/** The longest a timer can wait. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

/**
 * Ends an endless answer with the session it was asked for by: at the sign-out, in whatever
 * process, and when the session runs out.
 */
export function whileSignedIn({ locals }: RequestEvent, response: Response): Response {
	const { session, ctx, log } = locals;
	if (!session || !response.body) return response;
	const reader = response.body.getReader();
	let isOver = false;
	let interrupt: ((nothing: null) => void) | undefined;
	const end = () => {
		isOver = true;
		interrupt?.(null);
	};
	// one plain promise per part: racing with a long-lived one would grow with every part
	const read = () =>
		new Promise<ReadableStreamReadResult<Uint8Array> | null>((resolve, reject) => {
			interrupt = resolve;
			reader.read().then(resolve, reject);
		});
	const remainingMs = Math.max(0, session.expiresAt.getTime() - Date.now());
	const expiry = setTimeout(end, Math.min(remainingMs, LONGEST_TIMER_MS)).unref();
	const look = setInterval(() => {
		isSessionLive(ctx.db, session).then(
			(isLive) => isLive || end(),
			(cause: unknown) => log.warn('session_not_checked', describeError(cause))
		);
	}, LOOK_EVERY_MS).unref();
	const stopListening = ctx.hub.subscribe({ id: session.idHash }, end);
	const stop = () => {
		clearTimeout(expiry);
		clearInterval(look);
		stopListening();
	};
	const body = new ReadableStream<Uint8Array>(
		{
			async pull(controller) {
				const next = isOver ? null : await read();
				if (next?.value) {
					controller.enqueue(next.value);
					return;
				}
				stop();
				controller.close();
				if (next === null) await reader.cancel();
			},
			async cancel(reason) {
				stop();
				await reader.cancel(reason);
			}
		},
		{ highWaterMark: 0 }
	);
	return new Response(body, response);
}
