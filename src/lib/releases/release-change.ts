import type { ReleaseChange, ReleaseState, TrackChange } from './release.ts';

/** Both as one: what is said later holds. */
export function mergeChanges(earlier: ReleaseChange, later: ReleaseChange): ReleaseChange {
	const { fields, tracks, ...rest } = { ...earlier, ...later };
	const merged: ReleaseChange = rest;
	if (fields) merged.fields = { ...earlier.fields, ...later.fields };
	if (tracks) merged.tracks = mergeTracks(earlier.tracks ?? [], later.tracks ?? []);
	return merged;
}

function mergeTracks(earlier: TrackChange[], later: TrackChange[]): TrackChange[] {
	const byId = new Map(earlier.map((change) => [change.upload_id, change]));
	for (const change of later) {
		const known = byId.get(change.upload_id);
		const fields = known?.fields || change.fields ? { ...known?.fields, ...change.fields } : null;
		byId.set(change.upload_id, { ...known, ...change, ...(fields && { fields }) });
	}
	return [...byId.values()];
}

/** Named as the server names them, and the form: `album_title`, `title:<upload_id>`, `explicit:…`. */
type FieldTest = (name: string, value: unknown) => boolean;

/** The places of all the files, as one thing. */
export const ORDER = 'position';
export const isPlace = (field: string): boolean => field.startsWith(`${ORDER}:`);

/** The same with those fields only; a track of which nothing is left is not in it. */
export function onlyFields(change: ReleaseChange, isKept: FieldTest): ReleaseChange {
	const { fields, tracks, ...rest } = change;
	const left = filterEntries(rest, isKept) as ReleaseChange;
	const leftFields = filterEntries(fields ?? {}, isKept);
	if (Object.keys(leftFields).length > 0) left.fields = leftFields;
	const leftTracks = (tracks ?? []).flatMap((track) => onlyFieldsOfTrack(track, isKept));
	if (leftTracks.length > 0) left.tracks = leftTracks;
	return left;
}

function onlyFieldsOfTrack({ upload_id: id, ...change }: TrackChange, isKept: FieldTest) {
	const test: FieldTest = (name, value) => isKept(`${name.replace(/^is_/, '')}:${id}`, value);
	const { position, fields } = change;
	const left: TrackChange = { upload_id: id };
	if (position !== undefined && test('position', position)) left.position = position;
	const leftFields = filterEntries(fields ?? {}, test);
	if (Object.keys(leftFields).length > 0) left.fields = leftFields;
	return Object.keys(left).length > 1 ? [left] : [];
}

const filterEntries = (values: object, test: FieldTest) =>
	Object.fromEntries(Object.entries(values).filter(([name, value]) => test(name, value)));

/** What it says, by the name of the field. */
export function fieldsOf(change: ReleaseChange): Map<string, unknown> {
	const found = new Map<string, unknown>();
	onlyFields(change, (name, value) => {
		found.set(name, value);
		return false;
	});
	return found;
}

/** The same without the tracks that are gone: nobody needs to hear of them. */
export const withoutTracks = (change: ReleaseChange, gone: readonly string[]): ReleaseChange =>
	onlyFields(change, (name) => !gone.some((id) => name.endsWith(`:${id}`)));

export const isEmptyChange = (change: ReleaseChange): boolean => Object.keys(change).length === 0;

/** The same without what is said in `other` too, in the very same words. */
export function withoutSame(change: ReleaseChange, other: ReleaseChange): ReleaseChange {
	const said = fieldsOf(other);
	return onlyFields(change, (name, value) => !said.has(name) || !isSame(said.get(name), value));
}

export const isSame = (one: unknown, other: unknown): boolean =>
	JSON.stringify(one) === JSON.stringify(other);

/** What a release has, by the name of the field. */
export const fieldsOfRelease = (release: ReleaseState): Map<string, unknown> =>
	fieldsOf({
		fields: withoutUrl(release.fields),
		release_at: release.release_at,
		rights_confirmed: release.rights_confirmed,
		tracks: release.tracks.map(({ upload, position, fields }) => {
			return { upload_id: upload.upload_id, position, fields: withoutUrl(fields) };
		})
	});

const withoutUrl = <T extends { image_url: unknown }>({ image_url: _, ...fields }: T) => fields;

/** Whether two values of a field mean the same once the server has cleaned them. */
export const isAlike = (one: unknown, other: unknown): boolean => isSame(plain(one), plain(other));

function plain(value: unknown): unknown {
	if (value === undefined || value === false) return null;
	// '' says that there is no album
	if (typeof value === 'string') return value && (value.replace(/[^\S\n]+/g, ' ').trim() || null);
	if (!Array.isArray(value)) return value;
	return [...new Set(value.map((entry) => String(entry).normalize('NFKC').trim().toLowerCase()))];
}
