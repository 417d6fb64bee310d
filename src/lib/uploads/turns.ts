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

/**
 * Opens when everybody has come by, when somebody is held up, or after a while: nobody waits long
 * for the others.
 */
export class Gate {
	readonly opened: Promise<void>;
	#missing: number;
	#open: () => void = () => undefined;

	constructor(count: number, limitMs: number) {
		this.#missing = count;
		this.opened = new Promise((resolve) => {
			const timer = setTimeout(resolve, limitMs);
			this.#open = () => {
				clearTimeout(timer);
				resolve();
			};
		});
	}

	pass(): void {
		this.#missing -= 1;
		if (this.#missing <= 0) this.#open();
	}

	/** Somebody is held up: nobody waits for them. */
	open(): void {
		this.#open();
	}
}
