import { later } from '#lib/later.ts';
import { type Failure, isOfRecording } from './playback-failure.ts';
import type { Player } from './player.svelte.ts';
import { type RetryEnvironment, RetryLater } from './retry-later.ts';

/** A recording that cannot be played is tried again so long after each failure, and then given up. */
const RETRY_AFTER_MS = [1_000, 3_000];
/** A recording that is broken at a place fails there again; it is over it this far behind. */
const OVER_IT_S = 2;

/** As the browser has it. */
export const browserFailures: RetryEnvironment = {
	later,
	whenBack(action) {
		const look = () => {
			if (document.visibilityState === 'visible') action();
		};
		addEventListener('online', action);
		document.addEventListener('visibilitychange', look);
		return () => {
			removeEventListener('online', action);
			document.removeEventListener('visibilitychange', look);
		};
	}
};

/** What is done about a track that failed. */
export interface FailureActs {
	/** it cannot be played: go on without it */
	giveUp(): void;
	/** it is about to be tried again */
	beforeTry(): void;
}

/**
 * Tries a track that failed again. One that cannot be played itself is given up after some tries;
 * where the line or the server is at fault it is waited for, as what comes next would fail as well.
 */
export class FailedTracks {
	/** of the recording */
	#tries = 0;
	#failedAtSeconds = 0;
	/** what the recording's own tries wait for */
	#callOff: (() => void) | undefined;
	readonly #waiting: RetryLater;
	readonly #player: Player;
	readonly #environment: RetryEnvironment;
	readonly #acts: FailureActs;

	constructor(player: Player, acts: FailureActs, environment: RetryEnvironment) {
		this.#player = player;
		this.#acts = acts;
		this.#environment = environment;
		this.#waiting = new RetryLater(environment);
	}

	/** The player failed. */
	failed(failure: Failure): void {
		this.#callOff?.();
		this.#failedAtSeconds = this.#player.positionSeconds;
		const again = () => this.#again();
		if (failure === 'offline') this.#waiting.whenBack(again);
		else if (isOfRecording(failure)) this.#tryRecording(again);
		else this.#waiting.again(again);
	}

	/** It sounds at a position. @returns whether it got over where it had failed */
	heard(positionSeconds: number): boolean {
		const isOver = Math.abs(positionSeconds - this.#failedAtSeconds) > OVER_IT_S;
		const hasFailed = this.#tries > 0 || this.#waiting.hasFailed;
		if (hasFailed && isOver) this.begin();
		return !hasFailed || isOver;
	}

	/** Something else is played: what failed before does not count. */
	begin(): void {
		this.#callOff?.();
		this.#callOff = undefined;
		this.#tries = 0;
		this.#waiting.begin();
	}

	#tryRecording(again: () => void): void {
		this.#waiting.callOff();
		const delayMs = RETRY_AFTER_MS[this.#tries];
		this.#tries += 1;
		if (delayMs !== undefined) {
			this.#callOff = this.#environment.later(delayMs, again);
			return;
		}
		this.begin();
		this.#acts.giveUp();
	}

	#again(): void {
		this.#callOff = undefined;
		this.#acts.beforeTry();
		this.#player.tryAgain();
	}
}
