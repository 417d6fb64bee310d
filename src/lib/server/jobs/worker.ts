import type { PgBoss } from 'pg-boss';
import { sweepSignIns } from '#lib/server/auth/sweep.ts';
import type { Context } from '#lib/server/context.ts';
import { describeError } from '#lib/server/log.ts';
import { resumeForgottenLikes } from '#lib/server/likes/settle-like.ts';
import { sweepLimits } from '#lib/server/limits/limits.ts';
import { wantLacking } from '#lib/server/media/want-smaller.ts';
import { deliver } from '#lib/server/operator/deliver.ts';
import { sweepFacts } from '#lib/server/operator/facts.ts';
import { settleReleases } from '#lib/server/releases/settle-release.ts';
import { sweepReleases } from '#lib/server/releases/sweep.ts';
import { sweepObjects } from '#lib/server/storage/sweep-objects.ts';
import { countInterruption } from '#lib/server/uploads/job-outcomes.ts';
import { resumeEnded, resumeReleased } from '#lib/server/uploads/resume.ts';
import { sweepUploads } from '#lib/server/uploads/sweep.ts';
import { sweepAccountDeletions } from '#lib/server/accounts/finish-deletion.ts';
import { startAccountWorker } from './account-worker.ts';
import { startAlbumWorker } from './album-worker.ts';
import { findForgotten, freeOrphans } from './orphans.ts';
import {
	DELIVERIES,
	type DeliveryJob,
	GIVEN_UP,
	type ReleaseJob,
	RELEASES,
	SWEEPS,
	SWEEPS_CRON,
	type UploadJob,
	UPLOADS
} from './queues.ts';
import { startCatalogueWorker } from './catalogue-worker.ts';
import { startLikeWorker } from './like-worker.ts';
import { takeJobs } from './take-jobs.ts';
import { startSmallerWorker } from './smaller-worker.ts';
import { startTrackWorker } from './track-worker.ts';
import { jobsOfOneArtist } from './turns.ts';
import { giveUpOnUpload, workOnUpload } from './upload-worker.ts';
import { openWorkLocks } from './work-locks.ts';

/** What takes jobs in this process. */
export interface Worker {
	/** tells the jobs under way to hand themselves back */
	stop(): void;
	/** lets go of the locks, when the jobs have ended */
	close(): Promise<void>;
}

/** No object takes longer to be written: what is older was left by a killed process. */
const LONGEST_WRITE_MS = 24 * 60 * 60 * 1000;
/** How soon the job of a killed process is noticed, and a transcoder that has come back. */
const WATCH_INTERVAL_MS = 3_000;

/** Starts taking jobs. */
export async function startWorker(ctx: Context, boss: PgBoss): Promise<Worker> {
	const stopping = new AbortController();
	const locks = openWorkLocks(ctx.direct);
	const { jobsAtOnce: atOnce } = ctx.config;
	const uploads = { atOnce, groupConcurrency: jobsOfOneArtist(ctx.config) };
	await takeJobs<UploadJob>(ctx, boss, UPLOADS, uploads, (job) =>
		workOnUpload(ctx, locks, job, stopping.signal)
	);
	await takeJobs<UploadJob>(ctx, boss, GIVEN_UP, {}, (job) => giveUpOnUpload(ctx, job));
	await takeJobs<ReleaseJob>(ctx, boss, RELEASES, {}, async ({ data: { releaseId } }) => {
		ctx.log.info('release_opens', { releaseId, tracks: await resumeReleased(ctx, releaseId) });
	});
	await takeJobs<DeliveryJob>(ctx, boss, DELIVERIES, {}, ({ data, signal }) =>
		deliver(ctx, data.deliveryId, AbortSignal.any([stopping.signal, signal]))
	);
	await takeJobs(ctx, boss, SWEEPS, { lookSeconds: 10 }, async (job) => {
		const signal = AbortSignal.any([stopping.signal, job.signal]);
		ctx.log.info('swept', { uploads: await sweepUploads(ctx, signal) });
		ctx.log.info('swept', { releases: await sweepReleases(ctx) });
		ctx.log.info('swept', { signIns: await sweepSignIns(ctx) });
		ctx.log.info('swept', { objects: await sweepObjects(ctx, signal) });
		ctx.log.info('swept', { limits: await sweepLimits(ctx), facts: await sweepFacts(ctx) });
		ctx.log.info('swept', { lackingSmallerFiles: await wantLacking(ctx) });
		ctx.log.info('swept', { forgottenLikes: await resumeForgottenLikes(ctx) });
		ctx.log.info('swept', { accountDeletions: await sweepAccountDeletions(ctx) });
		await ctx.jobs.enqueuePeople(ctx.db);
		const unfinished = await ctx.storage.removeUnfinished(new Date(Date.now() - LONGEST_WRITE_MS));
		ctx.log.info('swept', { unfinishedObjects: unfinished });
	});
	await boss.schedule(SWEEPS, SWEEPS_CRON);
	const parts = { ctx, boss, locks, stopping: stopping.signal };
	const tracks = await startTrackWorker(parts);
	const albums = await startAlbumWorker(parts);
	const catalogues = await startCatalogueWorker(parts);
	const smaller = await startSmallerWorker(parts);
	const likes = await startLikeWorker(parts);
	const accounts = await startAccountWorker(parts);

	const watch = async () => {
		for (const uploadId of await freeOrphans(ctx, boss, locks)) {
			const interruptions = await countInterruption(ctx, uploadId);
			ctx.log.warn('upload_of_dead_worker_freed', { uploadId, interruptions });
		}
		for (const uploadId of await findForgotten(ctx)) {
			ctx.log.error('upload_without_job_enqueued', { uploadId });
			await ctx.jobs.enqueueUpload(ctx.db, uploadId);
		}
		await resumeEnded(ctx);
		await settleReleases(ctx);
		await tracks.watch();
		await albums.watch();
		await catalogues.watch();
		await smaller.watch();
		await likes.watch();
		await accounts.watch();
	};
	const timer = repeat(watch, WATCH_INTERVAL_MS, stopping.signal, (cause) =>
		ctx.log.error('watch_failed', describeError(cause))
	);
	return {
		stop: () => stopping.abort(new Error('this process stops')),
		async close() {
			await timer;
			await locks.close();
		}
	};
}

/** Does something now and then, never twice at the same time, until the signal. */
async function repeat(
	action: () => Promise<void>,
	intervalMs: number,
	signal: AbortSignal,
	onError: (cause: unknown) => void
): Promise<void> {
	const isOver = () => signal.aborted;
	while (!isOver()) {
		try {
			await action();
		} catch (cause) {
			if (!isOver()) onError(cause);
		}
		await pause(intervalMs, signal);
	}
}

/** Waits, or until the signal. */
function pause(ms: number, signal: AbortSignal): Promise<void> {
	return new Promise((resolve) => {
		if (signal.aborted) {
			resolve();
			return;
		}
		const timer = setTimeout(done, ms);
		signal.addEventListener('abort', done, { once: true });
		function done() {
			clearTimeout(timer);
			signal.removeEventListener('abort', done);
			resolve();
		}
	});
}
