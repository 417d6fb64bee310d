/** Time that passes only when something is due; the same seed is the same history. */
export class ModelTime {
	now = 1_000_000;
	#seed: number;
	#due: { at: number; order: number; action: () => void }[] = [];
	#order = 0;
	#ids = 0;

	constructor(seed: number) {
		this.#seed = seed;
	}

	random = (): number => {
		this.#seed = (this.#seed * 48_271) % 2_147_483_647;
		return this.#seed / 2_147_483_647;
	};
	pick = (count: number): number => Math.floor(this.random() * count);
	newId = (): string => `id-${(this.#ids += 1)}`;

	later = (delayMs: number, action: () => void): (() => void) => {
		const entry = { at: this.now + delayMs, order: (this.#order += 1), action };
		this.#due.push(entry);
		return () => {
			this.#due = this.#due.filter((one) => one !== entry);
		};
	};

	/** Lets time pass; answers that came are taken in between. */
	async pass(ms: number): Promise<void> {
		const end = this.now + ms;
		for (;;) {
			await new Promise(setImmediate);
			const next = this.#due
				.filter(({ at }) => at <= end)
				.sort((a, b) => a.at - b.at || a.order - b.order)[0];
			if (!next) break;
			this.#due = this.#due.filter((one) => one !== next);
			this.now = Math.max(this.now, next.at);
			next.action();
		}
		this.now = end;
	}
}
