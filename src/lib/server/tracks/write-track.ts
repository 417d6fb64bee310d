import { albumNamedBy, followTrackEdit } from '#lib/server/albums/follow-track.ts';
import { enterRecord } from '#lib/server/atproto/current-record.ts';
import { PdsRefusal } from '#lib/server/atproto/oauth-errors.ts';
import { InvalidRecord } from '#lib/server/atproto/records/invalid-record.ts';
import { recordSite } from '#lib/server/atproto/records/record-site.ts';
import { index, type Indexed } from '#lib/server/atproto/records/track.ts';
import type { RepoRecord } from '#lib/server/atproto/repo.ts';
import { rewriteRecord } from '#lib/server/atproto/rewrite-record.ts';
import { forgetRecordProblems } from '#lib/server/catalogue/forget.ts';
import { AFTER_A_FAILED_WRITE_SECONDS, requestCheck } from '#lib/server/catalogue/request-check.ts';
import type { Context } from '#lib/server/context.ts';
import { conflict, DomainError } from '#lib/server/errors.ts';
import { wantSmallerOf } from '#lib/server/media/want-smaller.ts';
import { deleteReleased, releaseImage } from '#lib/server/storage/release.ts';
import { type TrackRow } from './queries.ts';
import { keptTrackRow } from './tracks.ts';

/** When nobody has said by then that the index has what was written, a job looks. */
const SYNC_AFTER_SECONDS = 60;

/** What else is known about a change. */
export interface WriteReason {
	/** for the log */
	why?: string;
	/** of other audio: the file the artist gave us, which the record does not tell */
	originalFileId?: string;
	/** the artist may name another album by it */
	namesAlbum?: boolean;
	/** the artist names another album than the one it is in, which the record may have named before */
	movesAlbum?: boolean;
}

/**
 * Changes the record of a track and then the index. Should the process die in between, a job that
 * was asked for beforehand brings the index up to date.
 * @param change makes the new record of the present one, as `rewriteRecord` says
 * @returns the track as it is then
 * @throws DomainError 409 `record_missing`, `record_busy`, `record_not_listed`, `duplicate_upload`,
 *   422 `record_invalid` or `record_refused`; SignInAgain; PdsUnavailable; whatever `change` throws
 */
export async function writeTrack(
	ctx: Context,
	track: TrackRow,
	change: (current: RepoRecord) => Record<string, unknown> | null,
	{ why = 'edit', originalFileId, namesAlbum = false, movesAlbum = false }: WriteReason = {}
): Promise<TrackRow> {
	const site = recordSite(ctx.config);
	const { artist_did: did, rkey } = track;
	const namedBefore = namesAlbum ? await albumNamedBy(ctx.db, track.id) : undefined;
	const job = { trackId: track.id, task: 'sync', namedBefore } as const;
	const jobId = await ctx.jobs.enqueueTrack(ctx.db, job, SYNC_AFTER_SECONDS);
	const address = { did, collection: site.trackCollection, rkey, why };
	let isNamedHere = false;
	const changeHere = (current: RepoRecord) => {
		const next = change(current);
		isNamedHere = next !== null && next['album'] !== current.record['album'];
		return next;
	};
	const written = await rewriteRecord(ctx, address, changeHere).catch(async (cause: unknown) => {
		const error = asSentence(cause);
		// a server that did not answer may have written it all the same: then the job finds it
		const isRefused = error instanceof DomainError && error.status < 500;
		if (isRefused) await ctx.jobs.cancelTrack(ctx.db, jobId);
		await askForCheck(ctx, did, error);
		throw error;
	});
	const { result, keys } = await enterRecord(ctx, address, written, async (trx, entered) => {
		const { cid, rev, record } = entered;
		const namedUntilNow = await albumNamedBy(trx, track.id);
		const indexed = await index(trx, site, { did, rkey, cid, rev, record, originalFileId });
		// a word of another program's, which this write only came across, moves nothing
		if (movesAlbum) await followTrackEdit(ctx, trx, track.id, undefined);
		else if (isNamedHere) await followTrackEdit(ctx, trx, track.id, namedUntilNow);
		await ctx.jobs.cancelTrack(trx, jobId);
		if ('trackId' in indexed) {
			await forgetRecordProblems(trx, track.id);
			await wantSmallerOf(ctx, trx, track.id);
		}
		const reason = { who: did, why: `track ${track.id} has other artwork` };
		const released = track.image_id ? await releaseImage(trx, track.image_id, reason) : [];
		return { result: indexed, keys: released };
	});
	await deleteReleased(ctx, keys);
	refuseUnlisted(result);
	ctx.log.info('track_changed', { trackId: track.id, did, why });
	return await keptTrackRow(ctx, track.id);
}

/** After a write of which nobody knows what came of it, or that found no record, somebody has to look. */
async function askForCheck(ctx: Context, did: string, error: unknown): Promise<void> {
	if (!(error instanceof DomainError) || error.status >= 500) {
		await requestCheck(ctx, did, AFTER_A_FAILED_WRITE_SECONDS);
	} else if (error.code === 'record_missing') await requestCheck(ctx, did);
}

/** What the index did not take is told, though it is written. */
function refuseUnlisted(result: Indexed): void {
	if ('trackId' in result || result.ignored === 'stale' || result.ignored === 'deleted') return;
	if (result.ignored === 'duplicate_audio') {
		throw conflict('duplicate_upload', 'another track of yours has this audio already');
	}
	throw conflict(
		'record_not_listed',
		'your change is in your repository, but its audio is not one of ours any more, so the page here still shows the version of before'
	);
}

function asSentence(cause: unknown): unknown {
	if (cause instanceof InvalidRecord) {
		return new DomainError(422, 'record_invalid', cause.message, { cause });
	}
	if (!(cause instanceof PdsRefusal)) return cause;
	const sentence = `your personal data server refused the change: ${cause.message}`;
	return new DomainError(422, 'record_refused', sentence, { cause });
}
