import { describeError, type Logger } from '#lib/server/log.ts';
import type { Hub } from './hub.ts';

/** One event of a stream (WHATWG HTML 9.2). */
export interface ServerSentEvent {
	/** comes back as Last-Event-ID when the listener connects again */
	id: string;
	/** left out for an ordinary message */
	name?: string;
	/** sent as JSON */
	content: unknown;
}

export interface EventStreamOptions {
	hub: Hub;
	log: Logger;
	/** which news mean that there may be something to send */
	match: Parameters<Hub['subscribe']>[0];
	/** what the listener has not been sent yet, the oldest first; after `isEnd` nothing follows */
	look(): Promise<{ events: ServerSentEvent[]; isEnd: boolean }>;
	/** for tests */
	timing?: Partial<Timing>;
}

interface Timing {
	/** a browser that lost the stream comes back after this long */
	retryMs: number;
	/** a silence of this length is broken by a comment, so that no proxy closes the connection */
	keepAliveMs: number;
	/** news can be lost, so `look` is asked this often without any */
	lookAgainMs: number;
	/** what changes all the time is looked at this often at most */
	settleMs: number;
}

const TIMING: Timing = { retryMs: 2_000, keepAliveMs: 20_000, lookAgainMs: 3_000, settleMs: 100 };

/**
 * Answers with a stream of events that any process can serve. Nothing is queued for a slow
 * listener: it is asked what is new when the listener has taken what came before, so it skips to
 * the present. Ends when `look` says so, when the listener leaves, and when the process stops.
 */
export function eventStream(options: EventStreamOptions): Response {
	const events = new EventFeed(options);
	const encoder = new TextEncoder();
	const body = new ReadableStream<Uint8Array>(
		{
			async pull(controller) {
				const text = await events.next();
				if (text !== null) controller.enqueue(encoder.encode(text));
				else if (!events.isCancelled) controller.close();
			},
			cancel: () => events.cancel()
		},
		{ highWaterMark: 0 }
	);
	return new Response(body, {
		headers: {
			'content-type': 'text/event-stream',
			'cache-control': 'no-cache, no-transform',
			'x-accel-buffering': 'no'
		}
	});
}

class EventFeed {
	isCancelled = false;
	readonly #options: EventStreamOptions;
	readonly #timing: Timing;
	readonly #stopListening: (() => void)[];
	#isOver = false;
	#hasNews = true;
	#hasGreeted = false;
	#lookedAt = 0;
	#wake: () => void = () => undefined;

	constructor(options: EventStreamOptions) {
		this.#options = options;
		this.#timing = { ...TIMING, ...options.timing };
		const { hub, match } = options;
		this.#stopListening = [
			hub.subscribe(match, () => {
				this.#hasNews = true;
				this.#wake();
			}),
			hub.onClose(() => this.#end())
		];
	}

	cancel(): void {
		this.isCancelled = true;
		this.#end();
	}

	/** What is to be sent next, when there is something; null: nothing any more. */
	async next(): Promise<string | null> {
		if (!this.#hasGreeted) {
			this.#hasGreeted = true;
			return `retry: ${this.#timing.retryMs}\n\n`;
		}
		const quietSince = performance.now();
		while (!this.#isOver) {
			const { keepAliveMs, lookAgainMs, settleMs } = this.#timing;
			const now = performance.now();
			const lookAt = this.#lookedAt + (this.#hasNews ? settleMs : lookAgainMs);
			if (now >= lookAt) {
				const text = await this.#look();
				if (text !== '') return text;
			} else if (now >= quietSince + keepAliveMs) {
				return ': still here\n\n';
			} else {
				await this.#sleepUntil(Math.min(lookAt, quietSince + keepAliveMs));
			}
		}
		return null;
	}

	async #look(): Promise<string> {
		this.#hasNews = false;
		this.#lookedAt = performance.now();
		try {
			const { events, isEnd } = await this.#options.look();
			if (isEnd) this.#end();
			return events.map(format).join('');
		} catch (cause) {
			// the listener comes back by itself, to this process or another
			this.#options.log.warn('event_stream_failed', describeError(cause));
			this.#end();
			return '';
		}
	}

	#sleepUntil(time: number): Promise<void> {
		return new Promise((resolve) => {
			const timer = setTimeout(resolve, Math.max(0, time - performance.now()));
			this.#wake = () => {
				clearTimeout(timer);
				resolve();
			};
		});
	}

	#end(): void {
		this.#isOver = true;
		for (const stop of this.#stopListening) stop();
		this.#wake();
	}
}

function format({ id, name, content }: ServerSentEvent): string {
	const event = name === undefined ? '' : `event: ${name}\n`;
	return `${event}id: ${id}\ndata: ${JSON.stringify(content)}\n\n`;
}
