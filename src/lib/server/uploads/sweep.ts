import type { Context } from '#lib/server/context.ts';
import { abandonUpload } from './accept.ts';
import { isUseless } from './failures.ts';
import { finishLate, type SizedUpload } from './finish.ts';
import { giveUpBytes } from './give-up-bytes.ts';
import { deleteForgotten, listForgotten } from './given-up-queries.ts';
import { findUpload, type UploadRow } from './queries.ts';
import { listAbandoned, listResting } from './receiving-queries.ts';
import { isUploadId } from './uploads.ts';

/** Staged bytes nobody refers to may belong to a request that is under way; after a day they do not. */
const ORPHAN_MS = 24 * 60 * 60 * 1000;
/** A failed upload can be retried for this long. */
const FAILED_KEPT_MS = 30 * 24 * 60 * 60 * 1000;
const BATCH = 200;

/** What a sweep did, for the log. */
export interface Swept {
	/** uploads whose last byte had arrived and that nobody had finished */
	finished: number;
	/** uploads that nobody went on with: their bytes are removed, and their rows, those of a release weeks later */
	abandoned: number;
	/** staged bytes without an upload that needs them, removed */
	orphans: number;
}

/**
 * Removes what uploads left that nobody goes on with. Safe to run at any time, in several
 * processes at once: whatever has a lease or a job is left alone.
 * @param orphanMs how old staged bytes must be that no upload needs
 */
export async function sweepUploads(
	ctx: Context,
	signal?: AbortSignal,
	orphanMs = ORPHAN_MS
): Promise<Swept> {
	const swept: Swept = { finished: 0, abandoned: 0, orphans: 0 };
	swept.finished = await finishComplete(ctx, signal);
	for (const upload of await listAbandoned(ctx.db, BATCH)) {
		signal?.throwIfAborted();
		if (await completeUpload(ctx, upload)) continue;
		// what was typed about a file of a release is not the sweep's to throw away
		const isKept = upload.release_id !== null;
		const isGone = isKept ? await giveUpBytes(ctx, upload) : await abandonUpload(ctx, upload.id);
		if (isGone) swept.abandoned++;
	}
	for (const { id } of await listForgotten(ctx.db, BATCH)) {
		signal?.throwIfAborted();
		if (await deleteForgotten(ctx.db, id)) swept.abandoned++;
	}
	swept.orphans = await sweepOrphans(ctx, orphanMs, signal);
	return swept;
}

/** Finishes what is all there, long before it would run out. @returns how many */
async function finishComplete(ctx: Context, signal?: AbortSignal): Promise<number> {
	let finished = 0;
	let afterId: string | null = null;
	for (;;) {
		const uploads: UploadRow[] = await listResting(ctx.db, afterId, BATCH);
		for (const upload of uploads) {
			signal?.throwIfAborted();
			const complete = await completeUpload(ctx, upload);
			if (!complete) continue;
			const row = await finishLate(ctx, complete);
			if (row.status !== 'receiving') finished++;
		}
		afterId = uploads.at(-1)?.id ?? null;
		if (afterId === null) return finished;
	}
}

/** The same upload when its last byte is in staging. */
async function completeUpload(ctx: Context, upload: UploadRow): Promise<SizedUpload | undefined> {
	const { id, size_bytes } = upload;
	if (size_bytes === null || (await ctx.storage.staging.size(id)) !== size_bytes) return undefined;
	return { ...upload, size_bytes };
}

async function sweepOrphans(ctx: Context, orphanMs: number, signal?: AbortSignal): Promise<number> {
	let removed = 0;
	for await (const staged of ctx.storage.staging.list()) {
		signal?.throwIfAborted();
		if (staged.lastModified.getTime() > Date.now() - orphanMs) continue;
		if (await isNeeded(ctx, staged.id)) continue;
		await ctx.storage.staging.discard(staged.id);
		removed++;
	}
	return removed;
}

async function isNeeded(ctx: Context, stagingId: string): Promise<boolean> {
	// what a stage puts beside an upload begins with the upload's id
	const uploadId = stagingId.slice(0, 36);
	const upload = isUploadId(uploadId) ? await findUpload(ctx.db, uploadId) : undefined;
	if (!upload || upload.status === 'completed') return false;
	if (upload.status !== 'failed') return true;
	// whoever refused it may have died before its bytes were gone
	if (isUseless(upload.error_code)) return false;
	return upload.updated_at.getTime() > Date.now() - FAILED_KEPT_MS;
}
