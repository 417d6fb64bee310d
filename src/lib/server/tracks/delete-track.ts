import type { Viewer } from '#lib/auth/viewer.ts';
import type { Context } from '#lib/server/context.ts';
import type { TrackInDeletion } from '#lib/tracks/track-in-deletion.ts';
import { findOwnDeletions, markDeleting } from './deletion-queries.ts';
import { ownTrack } from './own-track.ts';

/**
 * Deletes a track of the viewer's own: from now on nobody sees it, and a job takes away its record,
 * its row, and every object nothing else refers to.
 * @throws DomainError 404, 410 `track_removed`, 403 `not_your_track`
 */
export async function deleteTrack(ctx: Context, viewer: Viewer, id: number): Promise<void> {
	const track = await ownTrack(ctx, viewer, id, 'delete');
	await ctx.db.transaction().execute(async (trx) => {
		if (!(await markDeleting(trx, track.id))) return;
		await ctx.jobs.enqueueTrack(trx, { trackId: track.id, task: 'delete' });
	});
	ctx.log.info('track_deletion_begun', { trackId: track.id, did: viewer.did });
}

/** The same for several tracks of one artist. */
export async function deleteTracksOf(
	ctx: Pick<Context, 'db' | 'jobs'>,
	trackIds: readonly number[]
): Promise<void> {
	await ctx.db.transaction().execute(async (trx) => {
		for (const trackId of trackIds) {
			if (!(await markDeleting(trx, trackId))) continue;
			await ctx.jobs.enqueueTrack(trx, { trackId, task: 'delete' });
		}
	});
}

/** What the viewer has deleted and is not gone everywhere yet. */
export async function listOwnDeletions(
	ctx: Pick<Context, 'db' | 'oauth'>,
	viewer: Viewer
): Promise<TrackInDeletion[]> {
	const rows = await findOwnDeletions(ctx.db, viewer.did);
	if (rows.length === 0) return [];
	const needsSignIn = !(await ctx.oauth.hasGrant(viewer.did));
	return rows.map(({ id, title }) => ({ id, title, needsSignIn }));
}
