import type { Viewer } from '#lib/auth/viewer.ts';
import { encodeLike } from '#lib/server/atproto/records/like-record.ts';
import { remove } from '#lib/server/atproto/records/like.ts';
import { recordSite } from '#lib/server/atproto/records/record-site.ts';
import { PdsRefusal } from '#lib/server/atproto/oauth-errors.ts';
import { createRecord, deleteRecord } from '#lib/server/atproto/repo.ts';
import type { Context } from '#lib/server/context.ts';
import { describeError } from '#lib/server/log.ts';
import { keptTrackRow } from '#lib/server/tracks/tracks.ts';
import { settleLater, SETTLE_AFTER_SECONDS } from './like-track.ts';
import { isRefusal, likeFailure, requireLikePermission } from './permission.ts';
import { findLikeRecords, findRemovedTrack, type LikeRecordRow } from './queries.ts';
import { aimAt, endWrite, findWrite, type LikeKey } from './write-queries.ts';

/** A record that is gone from the repository. */
interface ErasedRecord {
	row: LikeRecordRow;
	/** of the repository, by its deletion; null: it was gone already */
	rev: string | null;
}

/**
 * Takes back a like: every record of it we know goes from the viewer's repository, then the index. When
 * the index cannot be written the records are written again under their keys. A job looks for further
 * records of the same like afterwards. It works whatever has become of the track or the record, and
 * unliking what one does not like changes nothing.
 * @throws DomainError 404, 401 `sign_in_again`, 403 `permission_needed`, 503 `pds_unavailable`, 500
 *   `unlike_failed`
 */
export async function unlikeTrack(ctx: Context, viewer: Viewer, trackId: number): Promise<void> {
	const { did } = viewer;
	const rows = await findLikeRecords(ctx.db, did, { id: trackId });
	const [first] = rows;
	if (!first) {
		await eraseUnknown(ctx, did, trackId);
		return;
	}
	await requireLikePermission(ctx, did);
	const key = { did, subject_uri: first.subject_uri };
	await ctx.db.transaction().execute(async (trx) => {
		await aimAt(trx, key, { aim: 'erase', rkey: null });
		const job = { did, subjectUri: first.subject_uri };
		await ctx.jobs.enqueueLike(trx, job, SETTLE_AFTER_SECONDS);
	});
	ctx.metrics.likes.add(1, 'unlike', 'attempted');
	const erased: ErasedRecord[] = [];
	try {
		for (const row of rows) erased.push({ row, rev: await erase(ctx, did, row.rkey) });
		await enter(ctx, did, erased);
	} catch (cause) {
		await restore(ctx, key, first, erased, cause);
		throw likeFailure('unlike', cause);
	}
	ctx.metrics.likes.add(1, 'unlike', 'done');
	ctx.log.info('track_unliked', { trackId, did });
}

/** What the index knows nothing of: a like under way elsewhere, or of a track that is gone. */
async function eraseUnknown(ctx: Context, did: string, trackId: number): Promise<void> {
	const removed = await findRemovedTrack(ctx.db, trackId);
	const subjectUri = removed ?? (await keptTrackRow(ctx, trackId)).record_uri;
	const key = { did, subject_uri: subjectUri };
	const isUnderWay = (await findWrite(ctx.db, key))?.aim === 'follow';
	if (removed === undefined && !isUnderWay) return;
	await requireLikePermission(ctx, did);
	await ctx.db.transaction().execute(async (trx) => {
		await aimAt(trx, key, { aim: 'erase', rkey: null });
		await ctx.jobs.enqueueLike(trx, { did, subjectUri }, SETTLE_AFTER_SECONDS);
	});
}

/** That it is gone already is fine, whatever the server calls it. */
async function erase(ctx: Context, did: string, rkey: string): Promise<string | null> {
	const { likeCollection: collection } = recordSite(ctx.config);
	try {
		return await deleteRecord(ctx, { did, collection, rkey, why: 'unlike' });
	} catch (cause) {
		const isGone =
			cause instanceof PdsRefusal && (cause.status === 404 || cause.error === 'RecordNotFound');
		if (isGone) return null;
		throw cause;
	}
}

async function enter(ctx: Context, did: string, erased: ErasedRecord[]): Promise<void> {
	const site = recordSite(ctx.config);
	await ctx.db.transaction().execute(async (trx) => {
		for (const { row, rev } of erased) await remove(trx, site, { did, rkey: row.rkey, rev });
	});
}

/** Nothing has happened, as far as it can be brought about; the job makes sure of it. */
async function restore(
	ctx: Context,
	key: LikeKey,
	counted: LikeRecordRow,
	erased: ErasedRecord[],
	cause: unknown
): Promise<void> {
	const site = recordSite(ctx.config);
	const { did } = key;
	ctx.log.warn('unlike_taken_back', { ...key, ...describeError(cause) });
	ctx.metrics.likes.add(1, 'unlike', erased.length === 0 ? 'failed' : 'compensated');
	for (const { row } of erased.filter(({ rev }) => rev !== null)) {
		const address = { did, collection: site.likeCollection, rkey: row.rkey, why: 'unlike failed' };
		try {
			const subject = { uri: row.subject_uri, cid: row.subject_cid };
			await createRecord(ctx, address, encodeLike(site, { subject, createdAt: row.created_at }));
		} catch (failure) {
			ctx.metrics.likes.add(1, 'unlike', 'compensation_failed');
			ctx.log.error('unlike_rollback_failed', { ...address, ...describeError(failure) });
		}
	}
	await settleLater(ctx, async () => {
		if (isRefusal(cause) && erased.length === 0) await endWrite(ctx.db, key);
		else await aimAt(ctx.db, key, { aim: 'follow', rkey: counted.rkey });
	});
}
