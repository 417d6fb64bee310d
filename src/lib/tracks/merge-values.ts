import { albumSlug } from '#lib/albums/slug.ts';
import {
	type FeatureValue,
	type FieldConflict,
	fieldText,
	TRACK_FIELDS,
	type TrackField,
	type TrackValues
} from './track-values.ts';

export interface Merged {
	/** what is to be changed of the present version */
	changes: Partial<TrackValues>;
	conflicts: FieldConflict[];
}

/**
 * Joins what an artist changed with what was changed elsewhere meanwhile. A field that was changed
 * on one side only is taken from there; one that both sides changed, differently, is a conflict.
 * @param base what the artist saw when they began; null: nobody knows any more, so that whatever
 *   differs may be somebody else's change
 * @param wanted what they sent; absent fields were not offered to them
 * @param current the record as it is now
 */
export function mergeValues(
	base: TrackValues | null,
	wanted: Partial<TrackValues>,
	current: TrackValues
): Merged {
	const merged: Merged = { changes: {}, conflicts: [] };
	for (const field of TRACK_FIELDS) mergeField(field, base, wanted, current, merged);
	return merged;
}

function mergeField(
	field: TrackField,
	base: TrackValues | null,
	wanted: Partial<TrackValues>,
	current: TrackValues,
	merged: Merged
): void {
	const mine = wanted[field];
	if (mine === undefined || isSameValue(mine, current[field])) return;
	if (base && isSameValue(mine, base[field])) return;
	if (base && isUntouched(field, base, current)) {
		Object.assign(merged.changes, { [field]: mine });
		return;
	}
	const theirs = fieldText(field, current[field]);
	merged.conflicts.push({ field, yours: fieldText(field, mine), theirs });
}

/** Whether two values of a field mean the same. */
export function isSameValue(a: TrackValues[TrackField], b: TrackValues[TrackField]): boolean {
	return form(a) === form(b);
}

/** Whether two titles lead to the same album; '' is none. */
export const isSameAlbum = (a: string, b: string): boolean =>
	a === '' || b === '' ? a === b : albumSlug(a) === albumSlug(b);

/** Whether nobody else changed it. Of an album's titles that lead to the same album, one is known. */
function isUntouched(field: TrackField, base: TrackValues, current: TrackValues): boolean {
	if (field === 'album') return isSameAlbum(base.album, current.album);
	return isSameValue(base[field], current[field]);
}

/** One text for everything that means the same. Tags have no order; people stand as they are named. */
function form(value: TrackValues[TrackField]): string {
	if (!Array.isArray(value)) return String(value);
	const isOfPeople = (list: typeof value): list is FeatureValue[] => typeof list[0] === 'object';
	return (isOfPeople(value) ? value.map(({ did }) => did) : [...value].sort()).join('\n');
}
