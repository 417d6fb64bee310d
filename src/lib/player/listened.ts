import { enoughSeconds } from '#lib/plays/play-rules.ts';

/** What the player is at, at one moment. */
export interface PlaybackSample {
	positionSeconds: number;
	/** there is sound: not paused, not waiting for more */
	isPlaying: boolean;
	/** of a clock that only goes forward, such as `performance.now()` */
	nowMs: number;
	/** speed, 1 by default */
	rate?: number;
}

/** A player says where it is several times a second; after longer than this nobody watched. */
const WATCHED_SECONDS = 2;
/** So far apart may clock and position be after a stretch nobody watched. */
const SLACK_SECONDS = 1;
/** A track begins here: browsers do not go back to 0 to the last digit. */
const BEGINNING_SECONDS = 1;

/**
 * Counts how much of one track was really listened to. Feed it whatever the player says, often, and
 * at every play, pause, stall and jump. Jumps and pauses count for nothing; at another speed the
 * seconds are the audio's.
 */
export class Listened {
	/** since this listen began */
	seconds = 0;
	readonly #enough: number;
	#last: PlaybackSample | null = null;
	#isCounted = false;

	/** @param durationSeconds as the index has it, because the server judges by that; 0: unknown */
	constructor(durationSeconds: number) {
		this.#enough = enoughSeconds(durationSeconds);
	}

	/**
	 * @returns the seconds listened to, once in each listen: when they are enough for a play. A listen
	 * that was counted ends, and the next one begins, when the track is started again from its beginning
	 */
	feed(sample: PlaybackSample): number | null {
		const last = this.#last;
		this.#last = sample;
		if (last && this.#isCounted && isRestart(last, sample)) {
			this.#isCounted = false;
			this.seconds = 0;
			return null;
		}
		if (last) this.seconds += heardSeconds(last, sample);
		if (this.#isCounted || this.seconds < this.#enough) return null;
		this.#isCounted = true;
		return this.seconds;
	}
}

const isRestart = (last: PlaybackSample, { positionSeconds }: PlaybackSample): boolean =>
	positionSeconds < last.positionSeconds && positionSeconds <= BEGINNING_SECONDS;

/** What was heard between two samples: never more than the position went on, nor than there was time for. */
function heardSeconds(last: PlaybackSample, sample: PlaybackSample): number {
	if (!last.isPlaying) return 0;
	const moved = sample.positionSeconds - last.positionSeconds;
	const passed = (sample.nowMs - last.nowMs) / 1000;
	const possible = passed * (last.rate ?? 1);
	// also not for what is no number
	if (!(moved > 0 && possible > 0)) return 0;
	// a tab that slept, or a clock that was set: what happened is known only when both agree
	if (passed > WATCHED_SECONDS && Math.abs(moved - possible) > SLACK_SECONDS) return 0;
	return Math.min(moved, possible);
}
