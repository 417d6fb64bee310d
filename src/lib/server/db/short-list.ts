/** What the planner takes for the length of a list it does not know. */
const EXPECTED = 10;

/**
 * A list for `column = any(list)` of a query that is asked often. One of a few values has the last of them
 * several times, so that it is no shorter than the planner expects any list to be: a plan for a shorter one
 * seems so much cheaper than one for all that it would be made anew each time, which takes longer than to
 * carry it out.
 */
export function shortList<Value>(values: readonly Value[]): Value[] {
	const missing = values.length === 0 ? 0 : Math.max(0, EXPECTED - values.length);
	return [...values, ...Array.from({ length: missing }, () => values.at(-1) as Value)];
}
