import type { FoundFile } from '#lib/uploads/dropped-files.ts';
import type { ReleaseTrackState } from './release.ts';

/** Some disks keep the time of a file to two seconds only. */
const TOLERANCE_MS = 2_000;

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
	const alike = namesakesOf(tracks, source).filter((track) => isUnchanged(track, source));
	if (alike.length < 2) return alike[0];
	return alike.find(({ upload }) => plain(upload.path ?? '') === plain(source.path));
}

/**
 * Whether a release waits for the rest of an earlier state of this file: what is here and what the
 * file has now would make no recording.
 */
export const isChangedSince = (tracks: readonly ReleaseTrackState[], source: FoundFile): boolean =>
	namesakesOf(tracks, source).some(
		(track) => track.upload.status === 'receiving' && !isUnchanged(track, source)
	);

const namesakesOf = (tracks: readonly ReleaseTrackState[], { file }: FoundFile) =>
	tracks.filter(
		({ upload }) => upload.size_bytes === file.size && plain(upload.file_name) === plain(file.name)
	);

function isUnchanged({ upload }: ReleaseTrackState, { file }: FoundFile): boolean {
	const { modified_ms: modifiedMs } = upload;
	return modifiedMs === null || Math.abs(modifiedMs - file.lastModified) <= TOLERANCE_MS;
}

/** The server keeps names without what cannot be seen, and shortened; systems write accents in two ways. */
const plain = (name: string) =>
	name
		.normalize('NFC')
		.replace(/[\s\p{Cc}\p{Cf}]/gu, '')
		.slice(-150);
