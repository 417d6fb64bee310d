import type { Db } from '#lib/server/db/connect.ts';
import { conflict } from '#lib/server/errors.ts';
import type { UploadOfRelease } from '#lib/server/uploads/accept.ts';
import { takesFilesUntil } from './hold.ts';
import { albumDeleted } from './published.ts';
import { changeReleaseRow, listFiles, timeOf } from './queries.ts';
import { lockOwnRelease } from './releases.ts';

/** More are several albums. */
const MAX_FILES = 200;

/** A release as its next file finds it. */
export interface Joined extends UploadOfRelease {
	/** of the release, when it is published already */
	rightsConfirmedAt: Date | null;
}

/**
 * Finds the place of a new file in a release. A release that is published takes files for another
 * day: whoever publishes while the browser is still sending must not lose the rest. Until it is
 * settled they are put in order with the others (settle-release.ts), after that they come last.
 * @param position 1-based, as the sender counts; ignored when it is taken or the artist has ordered
 * @param isInPlace it comes in the place of a file of the release, whenever that is
 * @throws DomainError 404 `release_not_found`, 409 `release_full`, `release_published` or `album_deleted`
 */
export async function joinRelease(
	trx: Db,
	did: string,
	releaseId: string,
	position: number | null,
	isInPlace = false
): Promise<Joined> {
	const release = await lockOwnRelease(trx, did, releaseId);
	if (release.album_deletion === 'with_tracks') throw albumDeleted();
	const until = takesFilesUntil(release);
	if (!isInPlace && until && (await timeOf(trx)) > until) {
		throw conflict(
			'release_published',
			'this release was published more than a day ago. begin a new one, or add the track to its album afterwards'
		);
	}
	// not locked: whoever begins to write to one, or takes its place, holds the artist's lock
	const files = await listFiles(trx, [releaseId]);
	if (!isInPlace && files.length >= MAX_FILES) {
		throw conflict('release_full', `a release has at most ${MAX_FILES} files`);
	}
	// also what keeps the sweep of empty drafts away
	await changeReleaseRow(trx, releaseId, {});
	const taken = files.map((file) => file.release_position ?? 0);
	const isFree = position !== null && !taken.includes(position) && !release.fields.isOrdered;
	const last = Math.max(0, ...taken);
	return {
		id: releaseId,
		position: isFree ? position : last + 1,
		rightsConfirmedAt: release.status === 'published' ? release.rights_confirmed_at : null
	};
}
