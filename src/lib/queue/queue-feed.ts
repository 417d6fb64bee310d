import { later } from '#lib/later.ts';
import type { PlayheadJson } from './playhead-line.ts';
import type { QueueSnapshotJson } from './queue-json.ts';

/** What the server tells: the queue as it is now and whenever it changed, and where playback is. */
export type FeedNews =
	| {
			kind: 'queue';
			queue: QueueSnapshotJson;
			/** how far the server's clock is ahead of this machine's */
			aheadMs: number;
			/** the server lost what it had told before */
			isPutBack: boolean;
	  }
	| { kind: 'playhead'; playhead: PlayheadJson }
	/** the sign-in has ended, here or elsewhere */
	| { kind: 'signed_out' };

/** The parts of the browser it needs. */
export interface FeedEnvironment {
	connect(): EventTarget & Pick<EventSource, 'readyState' | 'close'>;
	/** rejects without an answer */
	isSignedIn(): Promise<boolean>;
	/** runs an action later. @returns how to call it off */
	later(delayMs: number, action: () => void): () => void;
}

/** @param pageId begins the names of the pushes of this page, of which it is not told */
export const browserFeed = (pageId: string): FeedEnvironment => ({
	connect: () => new EventSource(`/api/queue/events?page=${pageId}`),
	// a stream that was refused does not say why
	isSignedIn: async () => (await fetch('/api/queue/', { method: 'HEAD' })).status !== 401,
	later
});

const CLOSED = 2;
const RETRY_FIRST_MS = 2_000;
const RETRY_LONGEST_MS = 60_000;

/**
 * The server's news of the queue. A browser comes back by itself when the line was cut; on a stream
 * that is answered with an error, as by a proxy whose server starts, it gives up, and this does not.
 */
export class QueueFeed {
	#source: ReturnType<FeedEnvironment['connect']> | undefined;
	/** the last revision heard of: the news come in order, so a lower one was put back */
	#heard = -1;
	#retryMs = RETRY_FIRST_MS;
	#callOff: (() => void) | undefined;
	readonly #hear: (news: FeedNews) => void;
	readonly #environment: FeedEnvironment;

	constructor(hear: (news: FeedNews) => void, environment: FeedEnvironment) {
		this.#hear = hear;
		this.#environment = environment;
	}

	/** Opens it, also anew when the browser has given up on it. */
	open(): void {
		if (this.#source && this.#source.readyState !== CLOSED) return;
		this.#stopWaiting();
		const source = this.#environment.connect();
		this.#source = source;
		source.addEventListener('open', () => (this.#retryMs = RETRY_FIRST_MS));
		source.addEventListener('error', () => {
			if (source.readyState === CLOSED && source === this.#source) this.#openLater();
		});
		source.addEventListener('message', (event) => {
			const { now, ...queue } = contentOf(event) as QueueSnapshotJson & { now: number };
			const isPutBack = queue.revision < this.#heard;
			this.#heard = queue.revision;
			this.#hear({ kind: 'queue', queue, aheadMs: now - Date.now(), isPutBack });
		});
		source.addEventListener('playhead', (event) => {
			this.#hear({ kind: 'playhead', playhead: contentOf(event) as PlayheadJson });
		});
	}

	close(): void {
		this.#stopWaiting();
		this.#source?.close();
		this.#source = undefined;
	}

	#openLater(): void {
		this.#stopWaiting();
		this.#callOff = this.#environment.later(this.#retryMs, () => void this.#openAgain());
		this.#retryMs = Math.min(this.#retryMs * 2, RETRY_LONGEST_MS);
	}

	async #openAgain(): Promise<void> {
		const source = this.#source;
		try {
			const isSignedIn = await this.#environment.isSignedIn();
			if (source !== this.#source) return;
			if (isSignedIn) this.open();
			else this.#hear({ kind: 'signed_out' });
		} catch {
			if (source === this.#source) this.#openLater();
		}
	}

	#stopWaiting(): void {
		this.#callOff?.();
		this.#callOff = undefined;
	}
}

const contentOf = (event: Event): unknown => JSON.parse((event as MessageEvent<string>).data);
