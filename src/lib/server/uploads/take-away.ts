import type { Context } from '#lib/server/context.ts';
import { conflict, type DomainError } from '#lib/server/errors.ts';
import { holdOfRelease } from '#lib/server/releases/hold.ts';
import { stageIndex, STAGES } from '#lib/uploads/stages.ts';
import { abandonUpload } from './accept.ts';
import { obtainLease } from './lease.ts';
import { uploadNotFound } from './not-found.ts';
import { findUpload, type UploadRow } from './queries.ts';
import { deleteIdle, deletePreparing, setAside } from './receiving-queries.ts';
import { takeBackRecord } from './stages/publish.ts';
import { stageWork } from './stages/stage.ts';
import { deleteUploads, discardBytes } from './uploads-of-release.ts';

const TAKE_BACK_LIMIT_MS = 60_000;

/**
 * Removes an upload that is not a track, and its bytes, for whoever may decide about it. One that
 * is still arriving is stopped.
 * @throws DomainError 404 `upload_not_found` when it is gone already, 409 `upload_in_work` or
 *   `already_published`; when its record may have been written, 401 `sign_in_again` and 503
 *   `pds_unavailable`, too
 */
export async function takeAway(ctx: Context, upload: UploadRow): Promise<void> {
	let row = upload;
	if (row.status === 'receiving') {
		if (await stopArriving(ctx, row)) return;
		// its last byte was accepted in this very moment: from here on it is like any other
		row = await currentOf(ctx, row);
	}
	const isRemoved =
		(await takeBackIdle(ctx, row)) ||
		(await deletePreparing(ctx.db, row.id)) ||
		(await deleteHeldBack(ctx, row));
	if (!isRemoved) throw tooLate(await currentOf(ctx, row));
	await discardBytes(ctx, [row]);
}

async function currentOf({ db }: Context, { id }: UploadRow): Promise<UploadRow> {
	const row = await findUpload(db, id);
	if (!row) throw uploadNotFound();
	return row;
}

/** @returns false when it does not arrive any more */
async function stopArriving(ctx: Context, upload: UploadRow): Promise<boolean> {
	const lease = await obtainLease(ctx, upload);
	try {
		return await abandonUpload(ctx, upload.id);
	} finally {
		await lease.release();
	}
}

/**
 * Removes an upload nobody works on. Its record may have been written by an attempt that nobody
 * heard of again: it goes first, so that none is left without a track.
 * @returns false when somebody works on it, or it is a track
 * @throws DomainError 401 `sign_in_again`, 503 `pds_unavailable`: the upload is there still
 */
async function takeBackIdle(ctx: Context, { id, stage, findings }: UploadRow): Promise<boolean> {
	if (findings.isRecordBegun || stage === 'published') {
		const row = await setAside(ctx.db, id);
		if (!row) return false;
		await takeBackRecord(stageWork(ctx, row, AbortSignal.timeout(TAKE_BACK_LIMIT_MS)));
	}
	return await deleteIdle(ctx.db, id);
}

/**
 * Removes an upload of a release that is not open, also while a worker is at it: nothing of it is
 * public, and the worker finds nothing to go on with.
 * @returns false when it is no such upload
 */
async function deleteHeldBack(ctx: Context, upload: UploadRow): Promise<boolean> {
	const { release_id: releaseId } = upload;
	if (releaseId === null) return false;
	return await ctx.db.transaction().execute(async (trx) => {
		if (!(await holdOfRelease(trx, releaseId))) return false;
		await deleteUploads(trx, [upload]);
		return true;
	});
}

/** Why an upload cannot be removed, and what can be done instead. */
function tooLate(upload: UploadRow): DomainError {
	const { status, track_id: trackId, replaces_track_id: replaces } = upload;
	if (status === 'completed') {
		const message =
			replaces === null
				? 'this upload is a track already. delete the track instead'
				: 'the track has the new audio already. restore the earlier audio of the track instead';
		return conflict('already_published', message, { detail: { message, track_id: trackId } });
	}
	if (status === 'processing') {
		const words = STAGES[stageIndex(upload)]?.words ?? 'the last stage';
		return conflict(
			'upload_in_work',
			`this upload is at “${words}” just now, where it cannot be discarded. wait a moment: then it is a track, which you can delete, or it can be discarded`
		);
	}
	return conflict(
		'already_published',
		'the record of this upload is in your repository already, and it becomes a track by itself. delete the track then'
	);
}
