const HOUR_MS = 60 * 60 * 1000;
const DAY_MS = 24 * HOUR_MS;

/** Nobody needs to know it better than this, and each time it is written. */
const USE_STEP_MS = HOUR_MS;

/** Whether a use now is to be written down. */
export const isUseNews = (lastUsedAt: Date | null, now = Date.now()): boolean =>
	lastUsedAt === null || lastUsedAt.getTime() < now - USE_STEP_MS;

/** When something was used last, no closer than it is known: "within the last two hours", "3 days ago". */
export function lastUseInWords(lastUsedAt: Date | null, now = Date.now()): string {
	if (lastUsedAt === null) return 'not yet';
	const ageMs = now - lastUsedAt.getTime();
	// what is known may be an hour old, and it was used again within it
	if (ageMs < 2 * HOUR_MS) return 'within the last two hours';
	if (ageMs < DAY_MS) return 'within the last day';
	const days = Math.floor(ageMs / DAY_MS);
	return days === 1 ? 'a day ago' : `${days} days ago`;
}
