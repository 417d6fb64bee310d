import type { Job } from 'pg-boss';
import type { Context } from '#lib/server/context.ts';
import { describeError } from '#lib/server/log.ts';
import { processUpload } from '#lib/server/uploads/process.ts';
import { giveUp, handBack, sayTryingAgain } from '#lib/server/uploads/job-outcomes.ts';
import type { UploadJob } from './queues.ts';
import { takePlace } from './turns.ts';
import type { WorkLocks } from './work-locks.ts';

/** The lock under which an upload is worked on. */
export const uploadLock = (uploadId: string) => `upload:${uploadId}`;

/** Somebody works on it: this job looks again later. */
class TakenElsewhere extends Error {
	constructor(uploadId: string) {
		super(`upload ${uploadId} is being worked on elsewhere`);
		this.name = 'TakenElsewhere';
	}
}

/** The queue's own count lags behind when several jobs are taken at the same moment. */
class TooManyOfOneArtist extends Error {
	constructor(uploadId: string) {
		super(`upload ${uploadId} waits for others of the same artist`);
		this.name = 'TooManyOfOneArtist';
	}
}

/**
 * Works on one upload until it is published, refused or has to wait. What it throws makes pg-boss
 * try again, later and later.
 * @param stopping aborted when this process is about to stop: the upload is handed back at once
 */
export async function workOnUpload(
	ctx: Context,
	locks: WorkLocks,
	job: Job<UploadJob>,
	stopping: AbortSignal
): Promise<void> {
	const { uploadId } = job.data;
	const log = ctx.log.child({ uploadId, attempt: job.retryCount + 1 });
	const lock = await locks.take(uploadLock(uploadId));
	if (!lock) throw new TakenElsewhere(uploadId);
	const place = await takePlace(ctx, locks, job.groupId);
	if (!place) {
		await lock.release();
		throw new TooManyOfOneArtist(uploadId);
	}
	const signal = AbortSignal.any([stopping, lock.signal, place.signal, job.signal]);
	try {
		await processUpload({ ...ctx, log }, uploadId, signal);
	} catch (cause) {
		if (signal.aborted) {
			log.info('upload_handed_back', { reason: String(signal.reason) });
			await handBack(ctx, uploadId);
			return;
		}
		log.warn('upload_tried_again_later', describeError(cause));
		await sayTryingAgain(ctx, uploadId, cause);
		throw cause;
	} finally {
		await place.release();
		await lock.release();
	}
}

/** Ends an upload whose job was tried for more than a day. */
export async function giveUpOnUpload(ctx: Context, job: Job<UploadJob>): Promise<void> {
	ctx.log.error('upload_given_up', { uploadId: job.data.uploadId });
	await giveUp(ctx, job.data.uploadId);
}
