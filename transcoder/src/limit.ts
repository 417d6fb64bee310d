/** Gives the place back; calling it again does nothing. */
type Release = () => void;

/**
 * How many requests are worked on at once.
 *
 * A place is held from before the first byte of a body is read until the last byte of the answer has
 * left, so it bounds disk use as well as the number of ffmpeg processes.
 */
export class Limit {
	readonly concurrency: number;
	#taken = 0;
	#running = 0;

	constructor(concurrency: number) {
		this.concurrency = concurrency;
	}

	/** Requests with an ffmpeg at work. */
	get running(): number {
		return this.#running;
	}

	/** Requests that hold a place while their bytes arrive or leave. */
	get waiting(): number {
		return this.#taken - this.#running;
	}

	/** Takes a place, or returns null when all are taken. */
	take(): Release | null {
		if (this.#taken >= this.concurrency) return null;
		this.#taken += 1;
		let held = true;
		return () => {
			if (held) this.#taken -= 1;
			held = false;
		};
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
