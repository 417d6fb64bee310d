import type { Player } from './player.svelte.ts';

/** How long after a failure the same is tried again; after the last one it is given up. */
const RETRY_AFTER_MS = [1_000, 3_000];
/** A recording that is broken at a place fails there again; it is over it this far behind. */
const OVER_IT_S = 2;

/** What a failure needs from outside; a test brings its own. */
export interface FailureEnvironment {
	isOnline(): boolean;
	/** runs an action later. @returns how to call it off */
	later(delayMs: number, action: () => void): () => void;
	/** runs an action when the line is back. @returns how to call it off */
	whenOnline(action: () => void): () => void;
}

/** As the browser has it. */
export const browserFailures: FailureEnvironment = {
	isOnline: () => navigator.onLine,
	later(delayMs, action) {
		const timer = setTimeout(action, delayMs);
		return () => clearTimeout(timer);
	},
	whenOnline(action) {
		addEventListener('online', action, { once: true });
		return () => removeEventListener('online', action);
	}
};

/**
 * Tries a track that failed again, a little later each time, and gives it up after the last try.
 * Without a line it waits for it: what comes next would fail as well.
 */
export class FailedTracks {
	#tries = 0;
	#failedAtSeconds = 0;
	#callOff: (() => void) | undefined;
	readonly #player: Player;
	readonly #environment: FailureEnvironment;
	readonly #giveUp: () => void;

	constructor(player: Player, giveUp: () => void, environment: FailureEnvironment) {
		this.#player = player;
		this.#giveUp = giveUp;
		this.#environment = environment;
	}

	/** The player failed. */
	failed(): void {
		this.#callOff?.();
		this.#failedAtSeconds = this.#player.positionSeconds;
		if (!this.#environment.isOnline()) {
			this.#callOff = this.#environment.whenOnline(() => this.#again());
			return;
		}
		const delayMs = RETRY_AFTER_MS[this.#tries];
		this.#tries += 1;
		if (delayMs === undefined) {
			this.begin();
			this.#giveUp();
			return;
		}
		this.#callOff = this.#environment.later(delayMs, () => this.#again());
	}

	/** It sounds at a position. @returns whether it got over where it had failed */
	heard(positionSeconds: number): boolean {
		const isOver = Math.abs(positionSeconds - this.#failedAtSeconds) > OVER_IT_S;
		if (isOver || this.#tries === 0) this.begin();
		return this.#tries === 0;
	}

	/** Something else is played: what failed before does not count. */
	begin(): void {
		this.#callOff?.();
		this.#callOff = undefined;
		this.#tries = 0;
	}

	#again(): void {
		this.#callOff = undefined;
		if (this.#player.status === 'failed') this.#player.resume();
	}
}
