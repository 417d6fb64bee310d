/** Lets something happen so often a second on average, and some more at once after a rest. */
export class TokenBucket {
	readonly #perSecond: number;
	readonly #most: number;
	#left: number;
	#atMs: number | undefined;

	/** @param most at once */
	constructor(perSecond: number, most: number) {
		this.#perSecond = perSecond;
		this.#most = most;
		this.#left = most;
	}

	/** @returns false: not now */
	take(nowMs = performance.now()): boolean {
		const restMs = nowMs - (this.#atMs ?? nowMs);
		this.#atMs = nowMs;
		this.#left = Math.min(this.#most, this.#left + (restMs / 1000) * this.#perSecond);
		if (this.#left < 1) return false;
		this.#left -= 1;
		return true;
	}
}
