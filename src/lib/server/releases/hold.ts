import type { Db } from '#lib/server/db/connect.ts';
import type { AlbumDeletion } from '#lib/server/db/schema.ts';
import { findTimes } from './queries.ts';

/** Why nothing of a release becomes public yet. */
export interface ReleaseHold {
	code: 'draft' | 'scheduled' | 'unsettled';
	/** a sentence for the artist */
	message: string;
}

interface Timed {
	status: 'draft' | 'published';
	release_at: Date | null;
}

/** What holds a release back at a moment, and lets its artist change it; null: it is open. */
export function holdAt(
	release: Timed,
	now: Date
): (ReleaseHold & { code: 'draft' | 'scheduled' }) | null {
	if (release.status === 'draft') {
		return { code: 'draft', message: 'ready: publish the release when you are' };
	}
	if (release.release_at === null || release.release_at <= now) return null;
	return { code: 'scheduled', message: `ready: it opens on ${inWords(release.release_at)}` };
}

/**
 * What holds a release back now, by the clock of the database: the same for every process. Inside a
 * transaction it stays true until the end of it.
 */
export async function holdOfRelease(db: Db, releaseId: string): Promise<ReleaseHold | null> {
	const release = await findTimes(db, releaseId);
	// discarded meanwhile: so is the upload, and nobody may publish it
	if (!release) return { code: 'draft', message: 'its release was discarded' };
	return holdAt(release, release.now);
}

interface Opened {
	release_at: Date | null;
	published_at: Date | null;
}

/** When a published release opened or opens: what its tracks' `createdAt` counts from. */
export function opensAt({ release_at: releaseAt, published_at: publishedAt }: Opened): Date | null {
	if (publishedAt === null) return null;
	return releaseAt !== null && releaseAt > publishedAt ? releaseAt : publishedAt;
}

/** So long after a release has opened its files may still be on their way. */
const LATE_MS = 24 * 60 * 60 * 1000;

/**
 * Until when a release takes files; null: it is a draft. One whose album was deleted with its tracks
 * takes none any more.
 */
export function takesFilesUntil(
	release: Opened & { album_deletion: AlbumDeletion | null }
): Date | null {
	const opened = opensAt(release);
	if (release.album_deletion === 'with_tracks') return opened;
	return opened && new Date(opened.getTime() + LATE_MS);
}

const WORDS = new Intl.DateTimeFormat('en-GB', {
	day: 'numeric',
	month: 'long',
	year: 'numeric',
	hour: '2-digit',
	minute: '2-digit',
	timeZone: 'UTC'
});

/** "1 december 2026 at 10:00 utc" */
const inWords = (date: Date) => `${WORDS.format(date)} utc`.toLowerCase();
