/** What is the same within this is one thing. */
const REST_MS = 10 * 60_000;
/** Whoever sends something else each time must not fill the memory. */
const MOST_KEPT = 500;

interface Seen {
	atMs: number;
	repeats: number;
}

/** Tells what is new from what was there a moment ago. */
export class Repeats {
	readonly #seen = new Map<string, Seen>();
	readonly #now: () => number;

	/** @param now ms of a clock that only goes forward */
	constructor(now: () => number = () => performance.now()) {
		this.#now = now;
	}

	/** @returns null: it was there lately; else how often it was repeated since it was told last */
	take(key: string): number | null {
		const nowMs = this.#now();
		const seen = this.#seen.get(key);
		if (seen && nowMs - seen.atMs < REST_MS) {
			seen.repeats += 1;
			return null;
		}
		this.#seen.delete(key);
		this.#seen.set(key, { atMs: nowMs, repeats: 0 });
		const [oldest] = this.#seen.keys();
		if (this.#seen.size > MOST_KEPT && oldest !== undefined) this.#seen.delete(oldest);
		return seen?.repeats ?? 0;
	}
}
