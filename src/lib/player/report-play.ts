/** What the server made of a play. */
export interface PlayReport {
	playCount: number;
	/** false: it had been counted before, or is one of the artist's own */
	isCounted: boolean;
}

/** The parts of the browser this needs; a test brings its own. */
export interface ReportEnvironment {
	fetch: typeof fetch;
	/** resolves when another try makes sense */
	lineIsBack(): Promise<unknown>;
}

const RETRY_AFTER_MS = 15_000;

const browser: ReportEnvironment = {
	fetch: (...request) => fetch(...request),
	lineIsBack: () =>
		new Promise((resolve) => {
			addEventListener('online', resolve, { once: true });
			// a line may be cut without the browser knowing; offline it does, and waits for the event
			setTimeout(() => navigator.onLine && resolve(null), RETRY_AFTER_MS);
		})
};

/**
 * Tells the server that a track was listened to: call it with what `Listened.feed` returns. It
 * outlives the page, and is sent once more when the line is back; asking twice counts once.
 * @returns null when the server has not counted it and will not; it never rejects
 */
export async function reportPlay(
	trackId: number,
	listenedSeconds: number,
	environment: ReportEnvironment = browser
): Promise<PlayReport | null> {
	const send = () => post(trackId, listenedSeconds, environment);
	try {
		return await send();
	} catch {
		// no answer: nobody knows whether it has arrived
		await environment.lineIsBack();
		return await send().catch(() => null);
	}
}

/** @throws when there was no answer, or one that says that it could not be counted now */
async function post(
	trackId: number,
	listenedSeconds: number,
	environment: ReportEnvironment
): Promise<PlayReport | null> {
	const response = await environment.fetch(`/api/tracks/${trackId}/play`, {
		method: 'POST',
		keepalive: true,
		headers: { 'content-type': 'application/json' },
		body: JSON.stringify({ played_seconds: listenedSeconds })
	});
	if (response.status >= 500) throw new Error(`the server answered ${response.status}`);
	if (!response.ok) return null;
	const body = (await response.json()) as { play_count: number; counted: boolean };
	return { playCount: body.play_count, isCounted: body.counted };
}
