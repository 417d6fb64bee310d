import type { Transaction } from 'kysely';
import { overlayTrack } from '#lib/server/atproto/records/overlay-track.ts';
import { recordSite } from '#lib/server/atproto/records/record-site.ts';
import type { Context } from '#lib/server/context.ts';
import type { Database } from '#lib/server/db/schema.ts';
import { DomainError } from '#lib/server/errors.ts';
import { describeError } from '#lib/server/log.ts';
import { keptTrackRow } from '#lib/server/tracks/tracks.ts';
import { writeTrack } from '#lib/server/tracks/write-track.ts';
import { findAlbumRow, findNaming } from './queries.ts';

/**
 * Lets the records of an album's tracks follow when it was renamed: to be called in the transaction
 * that renames it, while nobody else may change the artist's albums. A track whose record says
 * something else than the former title was given that word by somebody, and keeps it.
 * @param former title
 */
export async function followRename(
	ctx: Pick<Context, 'jobs'>,
	trx: Transaction<Database>,
	albumId: string,
	former: string | undefined
): Promise<void> {
	const title = (await findAlbumRow(trx, albumId))?.title;
	if (former === undefined || title === undefined || title === former) return;
	for (const trackId of await findNaming(trx, albumId, former)) {
		await ctx.jobs.enqueueTrack(trx, { trackId, task: 'name_album', former });
	}
}

/**
 * Makes the record of a track name its album as that is called now, where it says the former title.
 * May be killed anywhere and called again.
 * @throws whatever may work another time, SignInAgain too
 */
export async function nameAlbum(
	ctx: Context,
	trackId: number,
	former: string,
	signal?: AbortSignal
): Promise<void> {
	const site = recordSite(ctx.config);
	try {
		// again, when it was renamed once more meanwhile
		for (let said = former; ;) {
			signal?.throwIfAborted();
			const track = await keptTrackRow(ctx, trackId);
			const title = track.album_title;
			if (title === null || title === said) return;
			const says = said;
			await writeTrack(
				ctx,
				track,
				({ record }) =>
					record['album'] === says ? overlayTrack(site, record, { album: title }) : null,
				{ why: 'its album was renamed' }
			);
			said = title;
		}
	} catch (cause) {
		if (!isFinal(cause)) throw cause;
		// the track is gone, or its artist's server does not take it: the album's list is what counts
		ctx.log.info('album_not_named', { trackId, ...describeError(cause) });
	}
}

const isFinal = (cause: unknown): cause is DomainError =>
	cause instanceof DomainError &&
	cause.status < 500 &&
	cause.status !== 401 &&
	cause.code !== 'record_busy';
