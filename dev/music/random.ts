/** A repeatable source of chance: the same seed gives the same numbers on every machine. */
export class Random {
	#state: number;

	constructor(seed: string) {
		// FNV-1a, 32 bit
		let hash = 0x811c9dc5;
		for (const character of seed) {
			hash = Math.imul(hash ^ (character.codePointAt(0) ?? 0), 0x01000193);
		}
		this.#state = hash | 0;
	}

	/** The next number, 0 included, 1 excluded (mulberry32). */
	next(): number {
		// kept a signed integer: anything larger would be a number on the heap, and slow
		this.#state = (this.#state + 0x6d2b79f5) | 0;
		let mixed = Math.imul(this.#state ^ (this.#state >>> 15), this.#state | 1);
		mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
		return ((mixed ^ (mixed >>> 14)) >>> 0) / 0x1_0000_0000;
	}

	between(low: number, high: number): number {
		return low + (high - low) * this.next();
	}

	chance(probability: number): boolean {
		return this.next() < probability;
	}

	pick<T>(choices: readonly T[]): T {
		const choice = choices[Math.floor(this.next() * choices.length)];
		if (choice === undefined) throw new Error('there is nothing to pick from');
		return choice;
	}
}
