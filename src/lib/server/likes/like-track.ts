import { TID } from '@atproto/common-web';
import type { Viewer } from '#lib/auth/viewer.ts';
import { encodeLike } from '#lib/server/atproto/records/like-record.ts';
import { lockLikes } from '#lib/server/atproto/records/like-rows.ts';
import { index } from '#lib/server/atproto/records/like.ts';
import { type RecordSite, recordSite } from '#lib/server/atproto/records/record-site.ts';
import {
	createRecord,
	deleteRecord,
	getRecord,
	type RecordAddress,
	type RepoRecord
} from '#lib/server/atproto/repo.ts';
import type { Context } from '#lib/server/context.ts';
import { conflict, DomainError } from '#lib/server/errors.ts';
import { describeError } from '#lib/server/log.ts';
import { trackRow } from '#lib/server/tracks/tracks.ts';
import { isRefusal, likeFailure, requireLikePermission } from './permission.ts';
import { findLike, lacksRecord } from './queries.ts';
import { aimAt, beginLike, endWrite, findWrite, type LikeKey, lockWrite } from './write-queries.ts';

/** When nobody has said by then that repository and index agree, a job looks. */
export const SETTLE_AFTER_SECONDS = 60;

/** A like under way. */
interface LikeUnderWay {
	key: LikeKey;
	address: RecordAddress;
	record: Record<string, unknown>;
	jobId: string;
}

/**
 * Likes a track: writes the record into the viewer's repository, then the index. When the index
 * cannot be written the record is taken back, and what a process that dies leaves behind is settled by a
 * job that was asked for before. Liking what one likes already changes nothing.
 * @returns the address of the record
 * @throws DomainError 404, 410 `track_removed`, 422 `missing_atproto_record` or `record_refused`,
 *   401 `sign_in_again`, 403 `permission_needed`, 503 `pds_unavailable`, 500 `like_failed`
 */
export async function likeTrack(ctx: Context, viewer: Viewer, trackId: number): Promise<string> {
	const track = await trackRow(ctx, trackId);
	const known = await findLike(ctx.db, viewer.did, track.id);
	if (known) return known.record_uri;
	await requireLikePermission(ctx, viewer.did);
	if (await lacksRecord(ctx.db, track.id)) throw missingRecord();
	const subject = { uri: track.record_uri, cid: track.record_cid };
	const begun = await begin(ctx, viewer.did, track.id, subject);
	const underWay =
		'unconfirmed' in begun ? await beginAnew(ctx, begun.unconfirmed, track.id, subject) : begun;
	if ('knownUri' in underWay) return underWay.knownUri;
	ctx.metrics.likes.add(1, 'like', 'attempted');
	const written = await write(ctx, underWay);
	await enter(ctx, underWay, written);
	ctx.metrics.likes.add(1, 'like', 'done');
	ctx.log.info('track_liked', { trackId, did: viewer.did });
	return written.uri;
}

type Subject = Record<'uri' | 'cid', string>;

/** The record of an earlier like that may be in the repository, and is to go. */
type Unconfirmed = Pick<RecordAddress, 'did' | 'collection' | 'rkey'>;

/** What an earlier like left goes first: a job that is at it must find nothing of this one. */
async function beginAnew(
	ctx: Context,
	left: Unconfirmed,
	trackId: number,
	subject: Subject
): Promise<LikeUnderWay | { knownUri: string }> {
	try {
		await deleteRecord(ctx, { ...left, why: 'like failed' });
	} catch (cause) {
		throw likeFailure('like', cause);
	}
	const begun = await begin(ctx, left.did, trackId, subject, left.rkey);
	if ('unconfirmed' in begun) throw busy();
	return begun;
}

/** @param erasedKey of a record that is known to be gone */
async function begin(
	ctx: Context,
	did: string,
	trackId: number,
	subject: Subject,
	erasedKey?: string
): Promise<LikeUnderWay | { knownUri: string } | { unconfirmed: Unconfirmed }> {
	const site = recordSite(ctx.config);
	const record = encodeLike(site, { subject, createdAt: new Date() });
	const key = { did, subject_uri: subject.uri };
	return await ctx.db.transaction().execute(async (trx) => {
		// another request of the same moment may have ended since we looked: now none can
		await lockLikes(trx, did);
		const known = await findLike(trx, did, trackId);
		if (known) return { knownUri: known.record_uri };
		const left = await findWrite(trx, key);
		if (left?.aim === 'erase' && left.rkey !== null && left.rkey !== erasedKey) {
			return { unconfirmed: { did, collection: site.likeCollection, rkey: left.rkey } };
		}
		const rkey = await beginLike(trx, key, TID.nextStr());
		const job = { did, subjectUri: subject.uri };
		const jobId = await ctx.jobs.enqueueLike(trx, job, SETTLE_AFTER_SECONDS);
		return {
			key,
			address: { did, collection: site.likeCollection, rkey, why: 'like' },
			record,
			jobId
		};
	});
}

/** The record, ours or that of another request of the same moment. */
async function write(ctx: Context, underWay: LikeUnderWay): Promise<RepoRecord> {
	const { address, record, key } = underWay;
	try {
		const written = (await createRecord(ctx, address, record)) ?? (await getRecord(ctx, address));
		if (written) return written;
		throw busy();
	} catch (cause) {
		await settleLater(ctx, async () => {
			if (isRefusal(cause)) await end(ctx, underWay);
			// it may have been written all the same: then it is taken back
			else await aimAt(ctx.db, key, { aim: 'erase', rkey: address.rkey });
		});
		ctx.metrics.likes.add(1, 'like', 'failed');
		throw likeFailure('like', cause);
	}
}

async function enter(ctx: Context, underWay: LikeUnderWay, written: RepoRecord): Promise<void> {
	const { address, key, jobId } = underWay;
	const site = recordSite(ctx.config);
	try {
		await ctx.db.transaction().execute(async (trx) => {
			const now = await lockWrite(trx, key);
			if (now?.aim === 'erase') throw takenBack();
			await indexOrFail(trx, site, address, written);
			await endWrite(trx, key);
			await ctx.jobs.cancelLike(trx, jobId);
			await ctx.jobs.enqueuePeople(trx);
		});
	} catch (cause) {
		await takeBack(ctx, underWay, cause);
		throw likeFailure('like', cause);
	}
}

async function indexOrFail(
	trx: Parameters<typeof index>[0],
	site: RecordSite,
	{ did, rkey }: RecordAddress,
	{ cid, rev, record }: RepoRecord
): Promise<void> {
	const indexed = await index(trx, site, { did, rkey, cid, rev, record });
	if ('trackId' in indexed || indexed.ignored === 'stale') return;
	throw takenBack();
}

const busy = () =>
	conflict('like_busy', 'this like is being changed elsewhere. try again in a moment');

/** Somebody has unliked it, or the track went, while it was written. */
const takenBack = () =>
	conflict('like_taken_back', 'this was unliked, or removed, while you liked it. look at it again');

/** The record is deleted, as it is in no list here. */
async function takeBack(ctx: Context, underWay: LikeUnderWay, cause: unknown): Promise<void> {
	const { address, key } = underWay;
	const isWished = cause instanceof DomainError && cause.code === 'like_taken_back';
	ctx.log.warn('like_taken_back', { ...address, isWished, ...describeError(cause) });
	try {
		await deleteRecord(ctx, address);
	} catch (failure) {
		ctx.metrics.likes.add(1, 'like', 'compensation_failed');
		ctx.log.error('like_cleanup_failed', { ...address, ...describeError(failure) });
		await settleLater(ctx, () => aimAt(ctx.db, key, { aim: 'erase', rkey: address.rkey }));
		return;
	}
	ctx.metrics.likes.add(1, 'like', 'compensated');
	if (!isWished) await settleLater(ctx, () => end(ctx, underWay));
}

async function end(ctx: Context, { key, jobId }: LikeUnderWay): Promise<void> {
	await endWrite(ctx.db, key);
	await ctx.jobs.cancelLike(ctx.db, jobId);
}

/** When the database is away, the job finds by itself what there is. */
export async function settleLater(
	ctx: Pick<Context, 'log'>,
	say: () => Promise<void>
): Promise<void> {
	try {
		await say();
	} catch (cause) {
		ctx.log.warn('like_left_to_its_job', describeError(cause));
	}
}

/** 422: a like refers to the record. */
const missingRecord = () => {
	const message = 'the record of this track is missing, so it cannot be liked';
	const detail = { error: 'missing_atproto_record', message };
	return new DomainError(422, 'missing_atproto_record', message, { detail });
};
