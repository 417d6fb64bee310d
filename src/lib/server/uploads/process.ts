import { SignInAgain } from '#lib/server/atproto/oauth-errors.ts';
import { requestCheck } from '#lib/server/catalogue/request-check.ts';
import type { Context } from '#lib/server/context.ts';
import { describeError } from '#lib/server/log.ts';
import type { UploadStage } from '#lib/server/db/schema.ts';
import { albumDeletionOf } from '#lib/server/releases/release-album.ts';
import { settleRelease } from '#lib/server/releases/settle-release.ts';
import { failUpload } from './fail-upload.ts';
import { albumDeleted, isUseless, UploadRefused, UploadWaits } from './failures.ts';
import { changeUpload, findUpload, type UploadRow } from './queries.ts';
import { lockUpload } from './receiving-queries.ts';
import { index } from './stages/index.ts';
import { inspect } from './stages/inspect.ts';
import { publish, takeBackRecord } from './stages/publish.ts';
import { discardStaged, store } from './stages/store.ts';
import { type Stage, stageWork } from './stages/stage.ts';
import { transcode } from './stages/transcode.ts';

/** What comes after each stage. */
const NEXT: Partial<Record<UploadStage, Stage>> = {
	received: inspect,
	inspected: transcode,
	transcoded: store,
	stored: publish,
	published: index
};

/** Stages after which nobody reads the staged bytes any more. */
const STORED = new Set<UploadStage>(['stored', 'published', 'indexed']);

/**
 * Takes an upload from wherever it stands to the end: published, refused with a reason, or waiting
 * for something outside. Every stage may be repeated, so this may be killed anywhere and called
 * again; but of one upload never twice at the same time.
 * @throws whatever may work another time: no answer from a PDS, the storage, the transcoder
 */
export async function processUpload(
	ctx: Context,
	uploadId: string,
	signal: AbortSignal
): Promise<void> {
	const upload = await findUpload(ctx.db, uploadId);
	// one that was discarded while somebody worked on it may have left something, too
	if (!upload || isOver(upload)) await discardStaged(ctx, uploadId);
	const begun = await beginWork(ctx, uploadId);
	if (!begun) return;
	const stopBeating = keepBeating(ctx, uploadId);
	try {
		await runStages(ctx, begun, signal);
	} catch (cause) {
		signal.throwIfAborted();
		await settle(ctx, uploadId, cause);
	} finally {
		stopBeating();
	}
}

/** Says that somebody is at it; undefined: there is nothing to do, or it is being taken back. */
async function beginWork({ db }: Context, uploadId: string): Promise<UploadRow | undefined> {
	return await db.transaction().execute(async (trx) => {
		const row = await lockUpload(trx, uploadId);
		if (row?.status !== 'pending' && row?.status !== 'processing') return undefined;
		return await changeUpload(trx, uploadId, {
			status: 'processing',
			message: row.stage === 'received' ? 'processing upload' : row.message,
			error: null,
			error_code: null,
			heartbeat_at: new Date()
		});
	});
}

async function runStages(ctx: Context, row: UploadRow, signal: AbortSignal): Promise<void> {
	let upload = row;
	try {
		for (let stage = NEXT[upload.stage]; stage; stage = NEXT[upload.stage]) {
			signal.throwIfAborted();
			await refuseOfDeletedAlbum(ctx, upload);
			if (upload.stage === 'transcoded') await passRelease(ctx, upload);
			const startedAt = performance.now();
			upload = await stage(stageWork(ctx, upload, signal));
			const ms = Math.round(performance.now() - startedAt);
			ctx.log.info('upload_stage_finished', { stage: upload.stage, ms });
			countStage(ctx, upload.stage, ms / 1000);
			if (STORED.has(upload.stage)) await discardStaged(ctx, upload.id);
			// others of the release may have waited for what this file says
			if (upload.stage === 'inspected') await holdOf(ctx, upload);
		}
	} catch (cause) {
		const isUnwanted = cause instanceof UploadRefused && cause.code === 'album_deleted';
		// its record may be there, also when nobody ever heard of it
		if (isUnwanted && STORED.has(upload.stage)) {
			await takeBackRecord(stageWork(ctx, upload, signal));
		}
		throw cause;
	}
}

function countStage({ metrics }: Context, stage: UploadStage, seconds: number): void {
	metrics.uploadStages.observe(seconds, stage);
	if (stage === 'stored') metrics.uploadsStored.add(1);
	if (stage === 'indexed') metrics.uploadsPublished.add(1);
}

/**
 * Nothing is made of a track any more whose album was deleted with its tracks. One that is listed in
 * this very moment is asked again under the lock of the album (stages/index.ts).
 * @throws UploadRefused
 */
async function refuseOfDeletedAlbum(
	ctx: Context,
	{ release_id: releaseId }: UploadRow
): Promise<void> {
	if (releaseId === null) return;
	if ((await albumDeletionOf(ctx.db, releaseId)) === 'with_tracks') throw albumDeleted();
}

/**
 * What comes next is public or permanent: the tracks of a release wait here until it is published,
 * open and settled. One that opens or is settled in this very moment is noticed soon (resume.ts).
 * @throws UploadWaits
 */
async function passRelease(ctx: Context, upload: UploadRow): Promise<void> {
	const hold = await holdOf(ctx, upload);
	if (hold) throw new UploadWaits(hold.code, hold.message);
}

/** What holds the release of an upload back, which is settled when it can be. */
const holdOf = async (ctx: Context, { release_id: releaseId }: UploadRow) =>
	releaseId === null ? null : await settleRelease(ctx, releaseId);

/** Writes down how an upload ended or why it waits; passes on what may work another time. */
async function settle(ctx: Context, uploadId: string, cause: unknown): Promise<void> {
	if (cause instanceof UploadRefused) {
		await refuse(ctx, uploadId, cause);
		return;
	}
	if (cause instanceof UploadWaits) {
		await park(ctx, uploadId, cause);
		return;
	}
	if (cause instanceof SignInAgain) {
		const sentence = 'sign in to finish: your file is stored and kept until you do';
		await park(ctx, uploadId, new UploadWaits('sign_in_again', sentence, cause));
		return;
	}
	throw cause;
}

async function refuse(ctx: Context, uploadId: string, refused: UploadRefused): Promise<void> {
	ctx.log.info('upload_refused', { code: refused.code, ...describeError(refused) });
	const reason = { code: refused.code, error: refused.message };
	const upload = await failUpload(ctx, uploadId, reason);
	// nobody waits for what this file says any more
	await holdOf(ctx, upload);
	// its record is not what we thought it was
	if (refused.code === 'record_deleted') await requestCheck(ctx, upload.artist_did);
	// nothing but staging: what is published under the same content is not this upload's to remove
	if (isOver(upload)) await discardStaged(ctx, upload.id);
}

/** Nobody will need its staged bytes any more. */
const isOver = ({ status, error_code: code }: UploadRow) =>
	status === 'completed' || (status === 'failed' && isUseless(code));

/** A sign-in this long before the parking may be the very one that is waited for. */
const RECENT_MS = 30_000;

async function park(ctx: Context, uploadId: string, waits: UploadWaits): Promise<void> {
	ctx.log.info('upload_waits', { code: waits.code });
	await changeUpload(ctx.db, uploadId, {
		status: 'waiting',
		message: waits.message,
		error_code: waits.code,
		error: null,
		progress_pct: null,
		heartbeat_at: new Date(Date.now() - RECENT_MS)
	});
}

const BEAT_MS = 5_000;

/** Says now and then that somebody is at it; no news to anybody, so the version stays. */
function keepBeating(ctx: Context, uploadId: string): () => void {
	const timer = setInterval(() => {
		ctx.db
			.updateTable('uploads')
			.set({ heartbeat_at: new Date() })
			.where('id', '=', uploadId)
			.where('status', '=', 'processing')
			.execute()
			.catch((cause: unknown) => ctx.log.warn('heartbeat_failed', describeError(cause)));
	}, BEAT_MS);
	return () => clearInterval(timer);
}
