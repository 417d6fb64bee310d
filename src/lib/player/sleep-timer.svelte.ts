import type { Player } from './player.svelte.ts';

/** When it pauses: after so many minutes, or at the end of this track. */
export type SleepChoice = number | 'end of track';

const MINUTE_MS = 60_000;

/**
 * Pauses later. It goes by the time of day, and is asked often instead of waiting for one long timer,
 * which a device that sleeps would hold back.
 */
export class SleepTimer {
	/** null: it is off */
	choice = $state<SleepChoice | null>(null);
	/** until it pauses, as far as it was last asked; null: off, or at the end of the track */
	leftMs = $state<number | null>(null);
	readonly #player: Pick<Player, 'isWanted' | 'pause'>;
	readonly #nowMs: () => number;
	#endsAtMs: number | null = null;
	#wasWanted = false;

	constructor(player: Pick<Player, 'isWanted' | 'pause'>, nowMs: () => number = Date.now) {
		this.#player = player;
		this.#nowMs = nowMs;
	}

	/** Begins anew; null turns it off. */
	set(choice: SleepChoice | null): void {
		this.choice = choice;
		this.#endsAtMs = typeof choice === 'number' ? this.#nowMs() + choice * MINUTE_MS : null;
		this.look();
	}

	/** To be called whenever something moves: it pauses when its time has come. */
	look(): void {
		const wasWanted = this.#wasWanted;
		this.#wasWanted = this.#player.isWanted;
		if (this.#endsAtMs === null) {
			this.leftMs = null;
			return;
		}
		this.leftMs = Math.max(0, this.#endsAtMs - this.#nowMs());
		if (this.leftMs > 0) return;
		this.set(null);
		// who was asleep already, and begins again now, is not to be paused
		if (wasWanted) this.#player.pause();
	}

	/** To be called at the end of a track. @returns whether nothing more is to be heard */
	endTrack(): boolean {
		const isEnd = this.choice === 'end of track';
		if (isEnd) this.set(null);
		return isEnd;
	}
}
