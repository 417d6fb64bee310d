import { PLAY_AGE_MAX_SECONDS } from '#lib/plays/play-rules.ts';
import { forgetUnsent, keepUnsent, type UnsentPlay, unsentPlays } from './unsent-plays.ts';

/** What the server made of a play. */
export interface PlayReport {
	playCount: number;
	/** false: it had been counted before, or is one of the artist's own */
	isCounted: boolean;
}

/** What was heard of a track, also after it was reported: it goes on. */
type Listen = Readonly<{ seconds: number }>;

/** Remembers the listen that was reported last: how long it was is known when the next one begins. */
export class LastListen {
	#last: Listen | undefined;

	/** @returns how long the one before was; undefined: it was the same, begun anew, or there was none */
	replace(listen: Listen): number | undefined {
		const previous = this.#last === listen ? undefined : this.#last;
		this.#last = listen;
		return previous?.seconds;
	}
}

/** Of this page. */
const lastListen = new LastListen();

/** The parts of the browser this needs; a test brings its own. */
export interface ReportEnvironment {
	fetch: typeof fetch;
	/** resolves when another try makes sense */
	lineIsBack(): Promise<unknown>;
	/** ms since 1970 */
	now(): number;
}

const RETRY_AFTER_MS = 15_000;

const browser: ReportEnvironment = {
	fetch: (...request) => fetch(...request),
	lineIsBack: () =>
		new Promise((resolve) => {
			addEventListener('online', resolve, { once: true });
			// a line may be cut without the browser knowing; offline it does, and waits for the event
			setTimeout(() => navigator.onLine && resolve(null), RETRY_AFTER_MS);
		}),
	now: () => Date.now()
};

/**
 * Tells the server that a track was listened to: call it with what `Listened.feed` returns. It
 * outlives the page, and without an answer it is kept in this browser and sent once more when the line
 * is back, by this page or a later one (`reportUnsent`); asking twice counts once.
 * @returns null when the server has not counted it yet or will not; it never rejects
 */
export async function reportPlay(
	trackId: number,
	listenedSeconds: number,
	listen?: Listen,
	environment: ReportEnvironment = browser
): Promise<PlayReport | null> {
	const previousSeconds = listen && lastListen.replace(listen);
	const play: UnsentPlay = { trackId, listenedSeconds, previousSeconds, atMs: environment.now() };
	try {
		return await post(play, environment);
	} catch {
		// no answer: nobody knows whether it has arrived
		keepUnsent(play);
		await environment.lineIsBack();
		return await postKept(play, environment).catch(() => null);
	}
}

/** Tells the server what earlier pages could not. Stops where nobody answers: a later page goes on. */
export async function reportUnsent(environment: ReportEnvironment = browser): Promise<void> {
	for (const play of unsentPlays()) {
		try {
			await postKept(play, environment);
		} catch {
			return;
		}
	}
}

async function postKept(
	play: UnsentPlay,
	environment: ReportEnvironment
): Promise<PlayReport | null> {
	const report = await post(play, environment);
	forgetUnsent(play);
	return report;
}

/** @throws when there was no answer, or one that says that it could not be counted now */
async function post(
	{ trackId, listenedSeconds, previousSeconds, atMs }: UnsentPlay,
	environment: ReportEnvironment
): Promise<PlayReport | null> {
	const age = Math.round((environment.now() - atMs) / 1000);
	const ageSeconds = Math.min(Math.max(0, age), PLAY_AGE_MAX_SECONDS);
	const body = {
		played_seconds: listenedSeconds,
		...(previousSeconds === undefined ? {} : { previous_seconds: previousSeconds }),
		...(ageSeconds > 0 ? { age_seconds: ageSeconds } : {})
	};
	const response = await environment.fetch(`/api/tracks/${trackId}/play`, {
		method: 'POST',
		keepalive: true,
		headers: { 'content-type': 'application/json' },
		body: JSON.stringify(body)
	});
	if (response.status >= 500 || response.status === 429) {
		throw new Error(`the server answered ${response.status}`);
	}
	if (!response.ok) return null;
	const told = (await response.json()) as { play_count: number; counted: boolean };
	return { playCount: told.play_count, isCounted: told.counted };
}
