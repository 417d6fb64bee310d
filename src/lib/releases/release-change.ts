import type { ReleaseChange, TrackChange } from './release.ts';

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

/** The same without the tracks that are gone: a change of one would be refused as a whole. */
export function withoutTracks(change: ReleaseChange, gone: readonly string[]): ReleaseChange {
	if (!change.tracks) return change;
	const { tracks, ...rest } = change;
	const left = tracks.filter(({ upload_id }) => !gone.includes(upload_id));
	return left.length > 0 ? { ...rest, tracks: left } : rest;
}

export const isEmptyChange = (change: ReleaseChange): boolean => Object.keys(change).length === 0;
