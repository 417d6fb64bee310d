import { RefusedError } from '#lib/refusal.ts';

/**
 * Most lines are back at once. One can be gone for a while, too: with these it is tried for about an
 * hour before a person must. They begin anew with every byte that gets through.
 */
export const RETRY_DELAYS_MS = [
	400,
	...[1000, 2000, 4000, 8000, 15_000],
	...Array<number>(120).fill(30_000)
];

/** When the server says "too often" without saying until when. */
const PAUSE_MS = 60_000;

/** Statuses below 500 after which the same request can still succeed. */
const PASSING = new Set([0, 408, 409, 423, 425]);

/** What stands in the way passes by itself: a lost line, a restart, somebody else at it. */
export const isPassing = (status: number): boolean => status >= 500 || PASSING.has(status);

export interface Obstacles {
	/** the line broke: it goes on by itself */
	oninterrupted: () => void;
	/** the server asks to wait: it goes on by itself after that; the sentence says why */
	onpaused: (waitMs: number, sentence: string) => void;
	/** statuses that pass by themselves elsewhere and do not here */
	final?: readonly number[];
}

/**
 * Does something that needs the server, and does it again for as long as what stands in the way
 * can pass by itself. What the server refuses for good is thrown at once.
 * @throws RefusedError; the signal's reason when aborted
 */
export async function patiently<T>(
	attempt: () => Promise<T>,
	{ oninterrupted, onpaused, final = [] }: Obstacles,
	signal: AbortSignal
): Promise<T> {
	for (let failures = 0; ;) {
		signal.throwIfAborted();
		try {
			return await attempt();
		} catch (cause) {
			signal.throwIfAborted();
			const refused = asRefusal(cause);
			if (refused.status === 429) {
				const waitMs = (refused.retryAfterSeconds ?? 0) * 1000 || PAUSE_MS;
				onpaused(waitMs, refused.message);
				await wait(waitMs, signal);
				continue;
			}
			const delayMs = RETRY_DELAYS_MS[failures++];
			const mayPass = isPassing(refused.status) && !final.includes(refused.status);
			if (!mayPass || delayMs === undefined) throw refused;
			oninterrupted();
			await wait(delayMs, signal, 'online');
		}
	}
}

/** fetch fails with a TypeError, or a timeout, when nobody answered. */
function asRefusal(cause: unknown): RefusedError {
	if (cause instanceof RefusedError) return cause;
	if (cause instanceof TypeError || cause instanceof DOMException) {
		return new RefusedError(0, 'the connection to the server is lost', null);
	}
	throw cause;
}

/** Resolves after a while, or as soon as the window hears of `wakeUp`. */
function wait(ms: number, signal: AbortSignal, wakeUp?: string): Promise<void> {
	return new Promise((resolve, reject) => {
		const finish = () => {
			clearTimeout(timer);
			signal.removeEventListener('abort', stop);
			if (wakeUp) window.removeEventListener(wakeUp, done);
		};
		const done = () => {
			finish();
			resolve();
		};
		const stop = () => {
			finish();
			reject(signal.reason as Error);
		};
		const timer = setTimeout(done, ms);
		signal.addEventListener('abort', stop);
		if (wakeUp) window.addEventListener(wakeUp, done);
	});
}
