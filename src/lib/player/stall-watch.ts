const LOOK_EVERY_MS = 1_000;
/** So long nothing arrives before it is said. */
const SLOW_AFTER_MS = 8_000;
/** So long nothing arrives before it is as good as an error. */
const STALLED_AFTER_MS = 20_000;

/** What a source does that is waited for. */
export interface StallEvents {
	slow(): void;
	/** told once; it is not watched any longer then */
	stalled(): void;
}

/** Watches whether a source that is waited for arrives: no event tells of what does not happen. */
export class StallWatch {
	#timer: ReturnType<typeof setInterval> | undefined;
	#arrived = 0;
	#sinceMs = 0;
	#isSlow = false;
	readonly #arrivedByNow: () => number;
	readonly #events: StallEvents;

	/** @param arrivedByNow another number whenever more has arrived */
	constructor(arrivedByNow: () => number, events: StallEvents) {
		this.#arrivedByNow = arrivedByNow;
		this.#events = events;
	}

	/** To be called whenever it may be waited for, or not any more. */
	look(isLoading: boolean): void {
		if (!isLoading) this.stop();
		else if (this.#timer === undefined) {
			this.#begin();
			this.#timer = setInterval(() => this.#tick(), LOOK_EVERY_MS);
		}
	}

	stop(): void {
		clearInterval(this.#timer);
		this.#timer = undefined;
	}

	#begin(): void {
		this.#arrived = this.#arrivedByNow();
		this.#sinceMs = performance.now();
		this.#isSlow = false;
	}

	#tick(): void {
		if (this.#arrivedByNow() !== this.#arrived) {
			this.#begin();
			return;
		}
		const passedMs = performance.now() - this.#sinceMs;
		if (passedMs >= STALLED_AFTER_MS) {
			this.stop();
			this.#events.stalled();
		} else if (passedMs >= SLOW_AFTER_MS && !this.#isSlow) {
			this.#isSlow = true;
			this.#events.slow();
		}
	}
}
