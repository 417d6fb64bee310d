/** Gives the place back; calling it again does nothing. */
type Release = () => void;

/** A longer line than this for each place is not waited in. */
const QUEUED_PER_PLACE = 16;

/**
 * How many requests are worked on at once.
 *
 * A place is held from before the first byte of a body is read until the last byte of the answer has
 * left, so it bounds disk use as well as the number of ffmpeg processes. Those that find none stand
 * in line for a while: told to come back later, they would leave places empty until they do.
 */
export class Limit {
	readonly concurrency: number;
	readonly #waitMs: number;
	#taken = 0;
	#running = 0;
	/** Hands a place over to each who waits; the first comes first. */
	readonly #line = new Set<() => void>();

	/** `waitMs`: how long a request stays in line. */
	constructor(concurrency: number, waitMs: number) {
		this.concurrency = concurrency;
		this.#waitMs = waitMs;
	}

	/** Requests with an ffmpeg at work. */
	get running(): number {
		return this.#running;
	}

	/** Requests that hold a place while their bytes arrive or leave. */
	get waiting(): number {
		return this.#taken - this.#running;
	}

	/** Whether the next to ask has to stand in line. */
	get isFull(): boolean {
		return this.#taken >= this.concurrency;
	}

	/** Requests in line for a place: nothing of them is read yet. */
	get queued(): number {
		return this.#line.size;
	}

	/**
	 * Takes a place, in line while all are taken. Null: the line is too long, or none became free in
	 * time. Throws the reason of `signal` when that is aborted.
	 */
	async take(signal: AbortSignal): Promise<Release | null> {
		signal.throwIfAborted();
		if (!this.isFull) this.#taken += 1;
		else if (!(await this.#standInLine(signal))) return null;
		let held = true;
		return () => {
			if (held) this.#giveBack();
			held = false;
		};
	}

	/** Whether a place was handed over. */
	async #standInLine(signal: AbortSignal): Promise<boolean> {
		if (this.#line.size >= this.concurrency * QUEUED_PER_PLACE) return false;
		const { promise, resolve, reject } = Promise.withResolvers<boolean>();
		const handOver = (): void => resolve(true);
		// out of the line in the same moment, or a place would be handed to somebody who has left
		const giveUp = (): void => {
			this.#line.delete(handOver);
			if (signal.aborted) reject(signal.reason as Error);
			else resolve(false);
		};
		const timer = setTimeout(giveUp, this.#waitMs);
		signal.addEventListener('abort', giveUp, { once: true });
		this.#line.add(handOver);
		try {
			return await promise;
		} finally {
			clearTimeout(timer);
			signal.removeEventListener('abort', giveUp);
		}
	}

	#giveBack(): void {
		const [first] = this.#line;
		if (!first) {
			this.#taken -= 1;
			return;
		}
		this.#line.delete(first);
		first();
	}

	/** Counts a request as running while `work` is at it. */
	async run<Result>(work: () => Promise<Result>): Promise<Result> {
		this.#running += 1;
		try {
			return await work();
		} finally {
			this.#running -= 1;
		}
	}
}
