const MOST_KEYS = 10_000;

/**
 * Counts the first few things everybody does within a window of time in this process alone: who does no
 * more costs no question to the database. Who does gets all of them counted there, so that several
 * processes let through a few more each, and no more than that.
 */
export class FirstFew {
	readonly #few: number;
	readonly #windowMs: number;
	#windowEndsAt = 0;
	readonly #counts = new Map<string, number>();

	constructor({ few, windowSeconds }: { few: number; windowSeconds: number }) {
		this.#few = few;
		this.#windowMs = windowSeconds * 1000;
	}

	/** @returns how much of it, and of what was counted here before, the shared count has to know; 0: nothing */
	take(key: string, amount: number, now = Date.now()): number {
		// too many people to remember: their few begin once more
		if (now >= this.#windowEndsAt || this.#counts.size >= MOST_KEYS) {
			this.#counts.clear();
			this.#windowEndsAt = now + this.#windowMs;
		}
		const before = this.#counts.get(key) ?? 0;
		const count = before + amount;
		this.#counts.set(key, count);
		if (count <= this.#few) return 0;
		return before <= this.#few ? count : amount;
	}
}
