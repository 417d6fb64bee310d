/** How fast old speed is forgotten: the time in which its weight halves. */
const HALF_LIFE_MS = 4_000;
/** Before this much is seen, any estimate would only jump about. */
const WARM_UP_MS = 1_500;

/** Estimates how long a transfer still takes from its recent speed. */
export class TransferRate {
	#startedAtMs: number | undefined;
	#lastAtMs = 0;
	#lastBytes = 0;
	#bytesPerMs: number | undefined;

	/** Notes how many bytes have arrived by a moment of a clock that never goes back. */
	note(bytes: number, nowMs: number): void {
		if (this.#startedAtMs === undefined || bytes < this.#lastBytes) {
			this.#startedAtMs = nowMs;
			this.#bytesPerMs = undefined;
		} else if (nowMs > this.#lastAtMs) {
			const elapsedMs = nowMs - this.#lastAtMs;
			const speed = (bytes - this.#lastBytes) / elapsedMs;
			const keep = 0.5 ** (elapsedMs / HALF_LIFE_MS);
			this.#bytesPerMs =
				this.#bytesPerMs === undefined ? speed : keep * this.#bytesPerMs + (1 - keep) * speed;
		}
		this.#lastAtMs = nowMs;
		this.#lastBytes = bytes;
	}

	/** Seconds until `totalBytes` are there; null while that cannot be said. */
	secondsLeft(totalBytes: number): number | null {
		if (this.#startedAtMs === undefined || !this.#bytesPerMs) return null;
		if (this.#lastAtMs - this.#startedAtMs < WARM_UP_MS) return null;
		return Math.max(0, totalBytes - this.#lastBytes) / this.#bytesPerMs / 1000;
	}
}
