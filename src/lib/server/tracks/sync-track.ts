import { followTrackEdit } from '#lib/server/albums/follow-track.ts';
import { withCurrentRecord } from '#lib/server/atproto/current-record.ts';
import { recordSite } from '#lib/server/atproto/records/record-site.ts';
import { index } from '#lib/server/atproto/records/track.ts';
import type { Context } from '#lib/server/context.ts';
import { wantSmallerOf } from '#lib/server/media/want-smaller.ts';
import type { TrackJob } from '#lib/server/jobs/queues.ts';
import { findKeptTrack } from './queries.ts';

/**
 * Makes the index say what a track's record says, after an edit whose process died between the two.
 * @throws whatever may work another time, SignInAgain too
 */
export async function syncTrack(
	ctx: Context,
	{ trackId, namedBefore }: Omit<TrackJob, 'task'>,
	signal?: AbortSignal
): Promise<void> {
	const track = await findKeptTrack(ctx.db, trackId);
	if (!track) return;
	const site = recordSite(ctx.config);
	const { artist_did: did, rkey } = track;
	const address = { did, collection: site.trackCollection, rkey };
	const result = await withCurrentRecord(
		ctx,
		address,
		async (trx, current) => {
			if (!current) return null;
			const { cid, rev, record } = current;
			const indexed = await index(trx, site, { did, rkey, cid, rev, record });
			if (namedBefore !== undefined) await followTrackEdit(ctx, trx, trackId, namedBefore);
			await wantSmallerOf(ctx, trx, trackId);
			return indexed;
		},
		signal
	);
	if (result) ctx.log.info('track_synced', { trackId, ...result });
}
