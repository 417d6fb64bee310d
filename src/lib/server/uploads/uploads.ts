import type { Viewer } from '#lib/auth/viewer.ts';
import type { Context } from '#lib/server/context.ts';
import { conflict } from '#lib/server/errors.ts';
import { isParked } from '#lib/uploads/stages.ts';
import type { UploadState } from '#lib/uploads/upload.ts';
import { uploadNotFound } from './not-found.ts';
import {
	changeUpload,
	findUpload,
	listUnpublished,
	listUploads,
	type UploadRow
} from './queries.ts';
import { lockUpload } from './receiving-queries.ts';
import { uploadState } from './state.ts';
import { takeAway } from './take-away.ts';

const LISTED = 50;
/** All of them, but for somebody who goes on for months without looking: each has to be acted on. */
const LISTED_UNPUBLISHED = 1000;
const STAGES_BEFORE_STORED = new Set<UploadRow['stage']>(['received', 'inspected', 'transcoded']);
const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

export const isUploadId = (id: string): boolean => UUID.test(id);

/**
 * One upload of the viewer's own; other people's do not exist for them.
 * @throws DomainError 404 `upload_not_found`
 */
export async function ownUpload(ctx: Context, viewer: Viewer, id: string): Promise<UploadRow> {
	const row = isUploadId(id) ? await findUpload(ctx.db, id) : undefined;
	if (row?.artist_did !== viewer.did) throw uploadNotFound();
	return row;
}

/** The state of one upload of the viewer's own. @throws DomainError 404 */
export async function getUpload(ctx: Context, viewer: Viewer, id: string): Promise<UploadState> {
	return uploadState(await ownUpload(ctx, viewer, id));
}

/** The viewer's uploads, the newest first. */
export async function listOwnUploads(ctx: Context, viewer: Viewer): Promise<UploadState[]> {
	return (await listUploads(ctx.db, viewer.did, LISTED)).map(uploadState);
}

/** What of the viewer's uploads is not a track yet, the newest first, and the one the page is about. */
export async function listOwnUnpublished(
	ctx: Context,
	viewer: Viewer,
	aboutId: string | null
): Promise<UploadState[]> {
	const alsoId = aboutId !== null && isUploadId(aboutId) ? aboutId : null;
	const rows = await listUnpublished(ctx.db, viewer.did, { alsoId, limit: LISTED_UNPUBLISHED });
	return rows.map(uploadState);
}

/**
 * Lets an upload that failed or waits begin again where it stopped.
 * @returns its state, pending
 * @throws DomainError 404, 409 `cannot_retry` with the reason
 */
export async function retryUpload(ctx: Context, viewer: Viewer, id: string): Promise<UploadState> {
	const upload = await ownUpload(ctx, viewer, id);
	if (!(await hasItsBytes(ctx, upload))) {
		throw conflict('cannot_retry', 'the file of this upload is not kept. send it again');
	}
	const row = await ctx.db.transaction().execute(async (trx) => {
		const current = await lockUpload(trx, id);
		if (!current) throw uploadNotFound();
		if (isParked(current)) {
			throw conflict('cannot_retry', 'this upload is ready: it goes on by itself with its release');
		}
		if (current.status !== 'failed' && current.status !== 'waiting') {
			throw conflict('cannot_retry', 'this upload did not fail, so there is nothing to retry');
		}
		const revived = await changeUpload(trx, id, {
			status: 'pending',
			message: 'upload queued for processing',
			error: null,
			error_code: null,
			progress_pct: null,
			completed_at: null
		});
		await ctx.jobs.enqueueUpload(trx, id);
		return revived;
	});
	return uploadState(row);
}

/** Whether the stages that are left find the bytes they need. */
async function hasItsBytes(ctx: Context, upload: UploadRow): Promise<boolean> {
	if (upload.stage === 'receiving') return upload.status === 'receiving';
	if (!STAGES_BEFORE_STORED.has(upload.stage)) return true;
	return (await ctx.storage.staging.size(upload.id)) === upload.size_bytes;
}

/**
 * Removes an upload of the viewer's own that is not a track, and its bytes.
 * @throws DomainError as `takeAway`
 */
export async function discardUpload(ctx: Context, viewer: Viewer, id: string): Promise<void> {
	await takeAway(ctx, await ownUpload(ctx, viewer, id));
}
