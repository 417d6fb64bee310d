import { followTrackRemoval } from '#lib/server/albums/follow-track.ts';
import { SignInAgain } from '#lib/server/atproto/oauth-errors.ts';
import { recordSite } from '#lib/server/atproto/records/record-site.ts';
import { deleteRecord } from '#lib/server/atproto/repo.ts';
import type { Context } from '#lib/server/context.ts';
import { deleteReleased } from '#lib/server/storage/release.ts';
import { findDeletion, findForgottenDeletions } from './deletion-queries.ts';
import { removeTrack } from './remove-track.ts';

/**
 * Takes away a track that is marked as deleted: its record, then its row and what only it referred
 * to, then the objects. May be interrupted anywhere and called again. Without a grant nothing
 * happens: it goes on after the next sign-in.
 * @throws whatever may work another time
 */
export async function finishDeletion(
	ctx: Context,
	trackId: number,
	signal?: AbortSignal
): Promise<void> {
	const track = await findDeletion(ctx.db, trackId);
	if (!track) return;
	const site = recordSite(ctx.config);
	const { artist_did: did, rkey } = track;
	let rev: string | null;
	try {
		rev = await deleteRecord(ctx, { did, collection: site.trackCollection, rkey }, signal);
	} catch (cause) {
		if (!(cause instanceof SignInAgain)) throw cause;
		ctx.log.info('track_deletion_waits', { trackId, code: cause.code });
		return;
	}
	signal?.throwIfAborted();
	const reason = { who: did, why: `track ${trackId} was deleted` };
	const { keys } = await ctx.db.transaction().execute(async (trx) => {
		const removed = await removeTrack(trx, site, { did, rkey, rev }, reason);
		await followTrackRemoval(ctx, trx, track.record_uri);
		return removed;
	});
	await deleteReleased(ctx, keys);
	ctx.log.info('track_deleted', {
		trackId,
		did,
		recordUri: track.record_uri,
		objects: keys.length
	});
}

/**
 * Goes on with what an artist deleted while we could not act for them. To be called when somebody
 * has signed in; calling it for nothing is harmless.
 */
export async function resumeDeletions(
	ctx: Pick<Context, 'db' | 'jobs'>,
	did: string
): Promise<void> {
	for (const trackId of await findForgottenDeletions(ctx.db, { did, restMs: 0 })) {
		await ctx.jobs.enqueueTrack(ctx.db, { trackId, task: 'delete' });
	}
}

/** A job that has just ended has found that it must wait: not asked for again and again. */
const REST_MS = 60_000;

/** Deletions that could go on and have no job: none is lost, whatever went wrong. */
export const listForgottenDeletions = (ctx: Pick<Context, 'db'>): Promise<number[]> =>
	findForgottenDeletions(ctx.db, { restMs: REST_MS });
