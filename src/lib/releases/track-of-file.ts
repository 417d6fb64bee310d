import type { FoundFile } from '#lib/uploads/dropped-files.ts';
import {
	type FileMarks,
	isNamesake,
	isSameFile,
	isUnchanged,
	marksOf,
	plainName
} from '#lib/uploads/file-marks.ts';
import type { ReleaseTrackState } from './release.ts';

/**
 * The track of a release that a file on the disk is: the one this browser has begun with it, else,
 * whatever browser began it, the one whose file had the same name and size and was not changed
 * since. Of several alike, the one from the same folder.
 * @param uploadId as this browser remembers it; null: it does not
 */
export function trackOfFile(
	tracks: readonly ReleaseTrackState[],
	source: FoundFile,
	uploadId: string | null
): ReleaseTrackState | undefined {
	const begunHere = tracks.find(({ upload }) => upload.upload_id === uploadId);
	if (begunHere) return begunHere;
	const marks = marksOf(source.file);
	const alike = tracks.filter((track) => isSameFile(marksOfTrack(track), marks));
	if (alike.length < 2) return alike[0];
	return alike.find(({ upload }) => plainName(upload.path ?? '') === plainName(source.path));
}

/**
 * Whether a release waits for the rest of an earlier state of this file: what is here and what the
 * file has now would make no recording.
 */
export function isChangedSince(tracks: readonly ReleaseTrackState[], { file }: FoundFile): boolean {
	const marks = marksOf(file);
	return tracks.some((track) => {
		const known = marksOfTrack(track);
		const isHalf = track.upload.status === 'receiving';
		return isHalf && isNamesake(known, marks) && !isUnchanged(known, marks);
	});
}

const marksOfTrack = ({ upload }: ReleaseTrackState): FileMarks => ({
	name: upload.file_name,
	sizeBytes: upload.size_bytes,
	modifiedMs: upload.modified_ms
});
