/** The digits of a rank, in the order in which strings are compared. */
const DIGITS = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
const BASE = DIGITS.length;

/** A rank longer than this is refused; then the queue is ranked anew (see `spreadRanks`). */
export const RANK_MAX_CHARACTERS = 200;

/** A rank as the API takes it: never ending in the lowest digit, or nothing would fit before it. */
export const RANK_PATTERN = /^[0-9A-Za-z]{0,199}[1-9A-Za-z]$/;

/** Ranks at the open end count up in this many digits, so that adding there never makes them longer. */
const COUNTER_DIGITS = 4;
const FIRST_COUNT = Math.floor(BASE ** COUNTER_DIGITS / 2);
const MIDDLE = DIGITS.charAt(BASE / 2);

const digitAt = (rank: string | null, index: number, beyond: number): number =>
	rank !== null && index < rank.length ? DIGITS.indexOf(rank.charAt(index)) : beyond;

/**
 * A rank between two others: `after < result < before` as strings. Null is the open end.
 * Items keep a rank of their own instead of an index, so that two devices can move different items
 * at the same time and both moves survive.
 */
export function rankBetween(after: string | null, before: string | null): string {
	return (before === null ? countUp(after) : null) ?? halve(after, before);
}

/** `count` ranks in order between two others. */
export function ranksBetween(after: string | null, before: string | null, count: number): string[] {
	if (before === null) {
		const ranks: string[] = [];
		for (let last = after; ranks.length < count; ranks.push(last)) last = rankBetween(last, null);
		return ranks;
	}
	if (count <= 0) return [];
	const middle = rankBetween(after, before);
	const left = Math.floor((count - 1) / 2);
	return [
		...ranksBetween(after, middle, left),
		middle,
		...ranksBetween(middle, before, count - 1 - left)
	];
}

/** The next rank at the open end; null: the counter is at its end. */
function countUp(after: string | null): string | null {
	let count = FIRST_COUNT;
	if (after !== null) {
		count = 1;
		for (let i = 0; i < COUNTER_DIGITS; i++) {
			count += digitAt(after, i, 0) * BASE ** (COUNTER_DIGITS - 1 - i);
		}
	}
	if (count >= BASE ** COUNTER_DIGITS) return null;
	let digits = MIDDLE;
	for (let i = 0; i < COUNTER_DIGITS; i++) {
		digits = DIGITS.charAt(count % BASE) + digits;
		count = Math.floor(count / BASE);
	}
	return digits;
}

function halve(after: string | null, before: string | null): string {
	let rank = '';
	let bound = before;
	for (let i = 0; ; i++) {
		const low = digitAt(after, i, 0);
		const high = digitAt(bound, i, bound === null ? BASE : 0);
		if (high - low > 1) return rank + DIGITS.charAt(low + Math.ceil((high - low) / 2));
		rank += DIGITS.charAt(low);
		// from here on everything is below the upper one
		if (high > low) bound = null;
	}
}
