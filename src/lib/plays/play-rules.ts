const ENOUGH_SECONDS = 30;

/** A play that could not be reported for longer is taken to be from then. */
export const PLAY_AGE_MAX_SECONDS = 7 * 24 * 60 * 60;

/**
 * How much of a track has to be listened to before it counts as a play: 30 seconds, or half of a
 * shorter one.
 * @param durationSeconds 0 or no number: nobody knows
 */
export function enoughSeconds(durationSeconds: number): number {
	if (!Number.isFinite(durationSeconds) || durationSeconds <= 0) return ENOUGH_SECONDS;
	return Math.min(ENOUGH_SECONDS, durationSeconds / 2);
}
