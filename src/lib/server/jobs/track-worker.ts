import type { Job, PgBoss } from 'pg-boss';
import { nameAlbum } from '#lib/server/albums/name-tracks.ts';
import type { Context } from '#lib/server/context.ts';
import { describeError } from '#lib/server/log.ts';
import { sweepCards } from '#lib/server/sharing/cards.ts';
import { sweepStrayObjects } from '#lib/server/storage/sweep-objects.ts';
import { finishDeletion, listForgottenDeletions } from '#lib/server/tracks/finish-deletion.ts';
import { syncTrack } from '#lib/server/tracks/sync-track.ts';
import { freeJobs } from './orphans.ts';
import { STRAY_OBJECTS, STRAY_OBJECTS_CRON, type TrackJob, trackJobKey, TRACKS } from './queues.ts';
import { takeJobs } from './take-jobs.ts';
import type { WorkLocks } from './work-locks.ts';

interface Parts {
	ctx: Context;
	boss: PgBoss;
	locks: WorkLocks;
	/** aborted when this process is about to stop */
	stopping: AbortSignal;
}

const lockOf = (job: TrackJob) => `track:${trackJobKey(job)}`;

/** Works on the jobs about tracks. `watch`: to be called now and then, finds what nobody works on. */
export async function startTrackWorker(parts: Parts): Promise<{ watch(): Promise<void> }> {
	const { ctx, boss, locks, stopping } = parts;
	await takeJobs<TrackJob>(ctx, boss, TRACKS, {}, (job) => workOnTrack(parts, job));
	await takeJobs(ctx, boss, STRAY_OBJECTS, { lookSeconds: 30 }, async (job) => {
		const signal = AbortSignal.any([stopping, job.signal]);
		ctx.log.info('swept', { strayObjects: await sweepStrayObjects(ctx, signal) });
		ctx.log.info('swept', { cards: await sweepCards(ctx, signal) });
	});
	await boss.schedule(STRAY_OBJECTS, STRAY_OBJECTS_CRON);
	return {
		async watch() {
			for (const job of await freeJobs(ctx, boss, locks, TRACKS, lockOf)) {
				ctx.log.warn('track_job_of_dead_worker_freed', { ...job });
			}
			for (const trackId of await listForgottenDeletions(ctx)) {
				await ctx.jobs.enqueueTrack(ctx.db, { trackId, task: 'delete' });
			}
		}
	};
}

/** What it throws makes pg-boss try again, later and later. */
async function workOnTrack({ ctx, locks, stopping }: Parts, job: Job<TrackJob>): Promise<void> {
	const { trackId, task, former, namedBefore } = job.data;
	const log = ctx.log.child({ trackId, task, attempt: job.retryCount + 1 });
	const lock = await locks.take(lockOf(job.data));
	if (!lock) throw new Error(`${trackJobKey(job.data)} is being worked on elsewhere`);
	const signal = AbortSignal.any([stopping, lock.signal, job.signal]);
	try {
		if (task === 'delete') await finishDeletion({ ...ctx, log }, trackId, signal);
		else if (task === 'name_album') await nameAlbum({ ...ctx, log }, trackId, former ?? '', signal);
		else await syncTrack({ ...ctx, log }, { trackId, namedBefore }, signal);
	} catch (cause) {
		log.warn('track_job_tried_again_later', describeError(cause));
		throw cause;
	} finally {
		await lock.release();
	}
}
