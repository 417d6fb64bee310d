import { storedNames } from '#lib/safe-storage.ts';
import { isParked } from '#lib/uploads/stages.ts';
import { isFinished } from '#lib/uploads/upload.ts';
import type { UploadsInTab } from '#lib/uploads/uploads-in-tab.svelte.ts';
import { isOpen, takesFiles } from './is-open.ts';
import type { ReleaseState } from './release.ts';

/**
 * Whether nothing about a release goes on by itself, and this browser knows no more of it than the
 * server: its page is as it was rendered until somebody does something on it.
 */
export function isQuiet(release: ReleaseState, did: string, uploads: UploadsInTab): boolean {
	const { release_id: id, tracks, release_at: releaseAt, album } = release;
	if (uploads.list.some(({ releaseId }) => releaseId === id)) return false;
	if (!tracks.every(({ upload }) => isFinished(upload) || isParked(upload))) return false;
	if (isOpen(release)) return !takesFiles(release) && album !== null;
	// a time is said by the clock of who reads it
	if (releaseAt !== null) return false;
	// words, and files, that the server has not got yet
	return storedNames(`draft::${did}|${id}`).length + storedNames(`upload::${did}|`).length === 0;
}
