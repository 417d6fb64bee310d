import { fieldsOf, fieldsOfRelease, isAlike, isPlace, onlyFields } from './release-change.ts';
import type { ReleaseChange, ReleaseState } from './release.ts';
import type { StoredDraft } from './stored-draft.ts';

/** What becomes of something that was kept, when the draft is opened again. */
type Fate =
	/** the server has it, or nobody can want it any more */
	| 'done'
	/** about a file that is not in the release as far as this page knows */
	| 'gone'
	/** nothing has changed since it was typed */
	| 'ours'
	/** the server has something else by now */
	| 'apart';

interface Sorted {
	gone: ReleaseChange;
	ours: ReleaseChange;
	apart: ReleaseChange;
}

/**
 * Sorts what was kept of a draft by what the server has now: what was typed over something that is
 * still there goes on, and over something newer nothing is written unasked.
 */
export function sortKept({ change, base = {} }: StoredDraft, release: ReleaseState): Sorted {
	const has = fieldsOfRelease(release);
	const orderFate = fateOfOrder(change, base, has);
	const fate = (name: string, value: unknown): Fate => {
		if (!has.has(name)) return 'gone';
		if (isPlace(name)) return orderFate;
		if (isAlike(value, has.get(name))) return 'done';
		if (name === 'release_at' && release.status === 'published') {
			// it would open, or move, by looking at it
			return value === null ? 'done' : 'apart';
		}
		// what nothing is known about was typed where nothing was said
		const known = base[name] ?? [null];
		return known.some((earlier) => isAlike(earlier, has.get(name))) ? 'ours' : 'apart';
	};
	const only = (wanted: Fate) => onlyFields(change, (name, value) => fate(name, value) === wanted);
	return { gone: only('gone'), ours: only('ours'), apart: only('apart') };
}

/** Of what was set apart, what the server still does not have. */
export function notOn(release: ReleaseState, apart: ReleaseChange): ReleaseChange {
	const has = fieldsOfRelease(release);
	return onlyFields(apart, (name, value) => !has.has(name) || !isAlike(value, has.get(name)));
}

/** The places of the files are one thing: a file more or less shifts them all, and changes nothing. */
function fateOfOrder(
	change: ReleaseChange,
	base: Record<string, unknown[]>,
	has: ReadonlyMap<string, unknown>
): Fate {
	const placed = [...fieldsOf(change)].filter(([name]) => isPlace(name) && has.has(name));
	if (placed.every(([name, place]) => place === has.get(name))) return 'done';
	const names = placed.map(([name]) => name).filter((name) => base[name]);
	const order = (placeOf: (name: string) => unknown) =>
		names.toSorted((a, b) => Number(placeOf(a)) - Number(placeOf(b))).join();
	const isAsItWas = [0, 1].some(
		(index) =>
			order((name) => base[name]?.[index] ?? base[name]?.[0]) === order((name) => has.get(name))
	);
	return isAsItWas ? 'ours' : 'apart';
}
