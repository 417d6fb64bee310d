const ENOUGH_SECONDS = 30;

/**
 * How much of a track has to be listened to before it counts as a play: 30 seconds, or half of a
 * shorter one.
 * @param durationSeconds 0 or no number: nobody knows
 */
export function enoughSeconds(durationSeconds: number): number {
	if (!Number.isFinite(durationSeconds) || durationSeconds <= 0) return ENOUGH_SECONDS;
	return Math.min(ENOUGH_SECONDS, durationSeconds / 2);
}
