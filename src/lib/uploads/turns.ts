/** Lets only so many do something at the same time; the others wait in the order they came. */
export class Turns {
	#free: number;
	#waiting: (() => void)[] = [];

	constructor(atOnce: number) {
		this.#free = atOnce;
	}

	/** Runs it when it is its turn. @throws the signal's reason when aborted meanwhile */
	async take<T>(action: () => Promise<T>, signal: AbortSignal): Promise<T> {
		if (this.#free > 0) this.#free -= 1;
		else await new Promise<void>((resolve) => this.#waiting.push(resolve));
		try {
			signal.throwIfAborted();
			return await action();
		} finally {
			const next = this.#waiting.shift();
			if (next) next();
			else this.#free += 1;
		}
	}
}
