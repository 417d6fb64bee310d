/** How much was done in the present window of time and the one before it. */
export interface WindowUse {
	before: number;
	present: number;
	/** how much of the present window is over, 0 to 1 */
	elapsed: number;
}

/**
 * Seconds until an amount fits. What was done in the window before counts less and less while the
 * present one passes: the sum stands for "within the last `windowSeconds`".
 */
export function waitSeconds(
	{ before, present, elapsed }: WindowUse,
	{ most, windowSeconds }: { most: number; windowSeconds: number },
	amount: number
): number {
	const free = most - Math.min(amount, most);
	// the part of a window that must have passed before `used` has faded to what is free
	const fadesAfter = (used: number, room: number) => (used <= room ? 0 : 1 - room / used);
	const windows =
		present <= free
			? fadesAfter(before, free - present) - elapsed
			: 1 - elapsed + fadesAfter(present, free);
	return Math.max(0, windows * windowSeconds);
}
