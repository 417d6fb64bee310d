import { SignInAgain } from '#lib/server/atproto/oauth-errors.ts';
import { recordSite } from '#lib/server/atproto/records/record-site.ts';
import { index } from '#lib/server/atproto/records/track.ts';
import { getRecord } from '#lib/server/atproto/repo.ts';
import type { Context } from '#lib/server/context.ts';
import { findTrack } from './queries.ts';

/**
 * Makes the index say what a track's record says, after an edit whose process died between the two.
 * @throws whatever may work another time
 */
export async function syncTrack(
	ctx: Context,
	trackId: number,
	signal?: AbortSignal
): Promise<void> {
	const track = await findTrack(ctx.db, trackId);
	if (!track) return;
	const site = recordSite(ctx.config);
	const { artist_did: did, rkey } = track;
	const found = await getRecord(ctx, { did, collection: site.trackCollection, rkey }, signal).catch(
		(cause: unknown) => {
			if (cause instanceof SignInAgain) return null;
			throw cause;
		}
	);
	if (!found || found.cid === track.record_cid) return;
	const { cid, rev, record } = found;
	const result = await ctx.db
		.transaction()
		.execute((trx) => index(trx, site, { did, rkey, cid, rev, record }));
	ctx.log.info('track_synced', { trackId, ...result });
}
