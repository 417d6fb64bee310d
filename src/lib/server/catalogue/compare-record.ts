import type { FieldDifference } from '#lib/catalogue/catalogue.ts';
import { albumSlug } from '#lib/albums/slug.ts';
import { isSameValue } from '#lib/tracks/merge-values.ts';
import { fieldText, TRACK_FIELDS, type TrackField } from '#lib/tracks/track-values.ts';
import type { TrackRecord } from '#lib/server/atproto/records/track-record.ts';
import { valuesOfRecord, valuesOfRow } from '#lib/server/tracks/values.ts';
import type { TrackFacts } from './fact-queries.ts';

/** A value is shown so that two can be told apart, not in full. */
const MAX_SHOWN = 200;

/**
 * What a track's record and the index say differently. What the index cannot say (a picture we do
 * not have) is no difference.
 * @param knownImages of the pictures records name, those that are kept
 */
export function compareRecord(
	row: TrackFacts,
	record: TrackRecord,
	knownImages: ReadonlySet<string>
): FieldDifference[] {
	const theirs = valuesOfRecord(record);
	if (theirs.imageId !== null && !knownImages.has(theirs.imageId)) theirs.imageId = null;
	const ours = valuesOfRow(row);
	const differences: FieldDifference[] = [];
	const differ = (field: FieldDifference['field'], inRecord: string, inIndex: string) =>
		differences.push({ field, record: shown(inRecord), index: shown(inIndex) });

	for (const field of TRACK_FIELDS) {
		if (isSame(field)) continue;
		differ(field, fieldText(field, theirs[field]), fieldText(field, ours[field]));
	}
	if (record.fileId !== row.file_id) {
		differ('audio', record.fileId === null ? 'not one of ours' : 'another file', 'this file');
	}
	if (record.createdAt.getTime() !== row.created_at.getTime()) {
		differ('createdAt', record.createdAt.toISOString(), row.created_at.toISOString());
	}
	return differences;

	function isSame(field: TrackField): boolean {
		if (isSameValue(ours[field], theirs[field])) return true;
		// of titles that lead to the same album, the index knows one
		if (field !== 'album' || !ours.album || !theirs.album) return false;
		return albumSlug(ours.album) === albumSlug(theirs.album);
	}
}

const shown = (text: string) =>
	text.length <= MAX_SHOWN ? text : `${text.slice(0, MAX_SHOWN).trimEnd()}…`;
