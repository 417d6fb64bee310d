/** So long after the first, the second … failure it is tried again; the last one holds for all later ones. */
const RETRY_AFTER_MS = [1_000, 3_000, 8_000, 20_000, 60_000];

/** What waiting needs from outside; a test brings its own. */
export interface RetryEnvironment {
	/** runs an action later. @returns how to call it off */
	later(delayMs: number, action: () => void): () => void;
	/** runs an action once, when the line is back or the page is looked at. @returns how to call it off */
	whenBack(action: () => void): () => void;
}

/** Tries again what needs the line: ever less often, and at once when there is reason to hope. */
export class RetryLater {
	#tries = 0;
	#callOffs: (() => void)[] = [];
	readonly #environment: RetryEnvironment;

	constructor(environment: RetryEnvironment) {
		this.#environment = environment;
	}

	/** Whether anything failed since the beginning. */
	get hasFailed(): boolean {
		return this.#tries > 0;
	}

	/** It failed: the action comes once, later. */
	again(action: () => void): void {
		const delayMs = RETRY_AFTER_MS[Math.min(this.#tries, RETRY_AFTER_MS.length - 1)] ?? 0;
		this.whenBack(action);
		this.#callOffs.push(this.#environment.later(delayMs, this.#once(action)));
	}

	/** It failed for want of a line: the action comes once, when there is one. */
	whenBack(action: () => void): void {
		this.callOff();
		this.#tries += 1;
		this.#callOffs.push(this.#environment.whenBack(this.#once(action)));
	}

	/** Nothing is tried again; what failed still counts. */
	callOff(): void {
		for (const callOff of this.#callOffs.splice(0)) callOff();
	}

	/** Something else begins: nothing has failed yet. */
	begin(): void {
		this.callOff();
		this.#tries = 0;
	}

	#once(action: () => void): () => void {
		return () => {
			this.callOff();
			action();
		};
	}
}
