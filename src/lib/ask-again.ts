/** So long after each try that nobody answered the next one comes: a server that died is back by then, or another is there. */
const PAUSES_MS = [300, 1_000, 3_000];

/** A proxy says so when the server died at it, or is not there. */
const NOBODY_THERE = new Set([502, 504]);

/**
 * Asks for what is the same however often it is done, and asks again when nobody answered.
 * @param ask makes the request, anew each time
 * @throws what the last try threw; at once when it took too long, or the browser has no line
 */
export async function askAgain(
	ask: () => Promise<Response>,
	pausesMs: readonly number[] = PAUSES_MS
): Promise<Response> {
	for (const pauseMs of pausesMs) {
		try {
			const response = await ask();
			if (!NOBODY_THERE.has(response.status)) return response;
		} catch (cause) {
			if (!(cause instanceof TypeError) || isOffline()) throw cause;
		}
		await new Promise((resolve) => setTimeout(resolve, pauseMs));
	}
	return await ask();
}

/** Where nothing says so there is a line. */
const isOffline = () => 'onLine' in navigator && !navigator.onLine;
