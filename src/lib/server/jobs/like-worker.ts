import type { Job, PgBoss } from 'pg-boss';
import type { Context } from '#lib/server/context.ts';
import { settleLike } from '#lib/server/likes/settle-like.ts';
import { describeError } from '#lib/server/log.ts';
import { resolvePeople } from '#lib/server/people/resolve-people.ts';
import { freeJobs } from './orphans.ts';
import { type LikeJob, likeJobKey, LIKES, PEOPLE } from './queues.ts';
import { takeJobs } from './take-jobs.ts';
import type { WorkLocks } from './work-locks.ts';

interface Parts {
	ctx: Context;
	boss: PgBoss;
	locks: WorkLocks;
	/** aborted when this process is about to stop */
	stopping: AbortSignal;
}

/** Somebody's server that does not answer must not hold up everybody else's likes. */
const LIKES_AT_ONCE = 4;

/** One for all of them: a job takes all who wait. */
const PEOPLE_LOCK = 'people';

const lockOf = (job: LikeJob) => `like:${likeJobKey(job)}`;

/** Settles likes and finds out who gave them. `watch`: to be called now and then, finds what nobody works on. */
export async function startLikeWorker(parts: Parts): Promise<{ watch(): Promise<void> }> {
	const { ctx, boss, locks } = parts;
	await takeJobs<LikeJob>(ctx, boss, LIKES, { atOnce: LIKES_AT_ONCE }, (job) => work(parts, job));
	await takeJobs(ctx, boss, PEOPLE, {}, (job) => findOut(parts, job.signal));
	return {
		async watch() {
			for (const job of await freeJobs(ctx, boss, locks, LIKES, lockOf)) {
				ctx.log.warn('like_job_of_dead_worker_freed', { ...job });
			}
			const freed = await freeJobs(ctx, boss, locks, PEOPLE, () => PEOPLE_LOCK);
			if (freed.length === 0) return;
			ctx.log.warn('people_job_of_dead_worker_freed');
			await ctx.jobs.enqueuePeople(ctx.db);
		}
	};
}

async function findOut({ ctx, locks, stopping }: Parts, signal: AbortSignal): Promise<void> {
	const lock = await locks.take(PEOPLE_LOCK);
	if (!lock) throw new Error('who people are is being found out elsewhere');
	try {
		const resolved = await resolvePeople(ctx, AbortSignal.any([stopping, lock.signal, signal]));
		if (resolved > 0) ctx.log.info('people_resolved', { resolved });
	} finally {
		await lock.release();
	}
}

/** What it throws makes pg-boss try again, later and later. */
async function work({ ctx, locks, stopping }: Parts, job: Job<LikeJob>): Promise<void> {
	const log = ctx.log.child({ ...job.data, attempt: job.retryCount + 1 });
	const lock = await locks.take(lockOf(job.data));
	if (!lock) throw new Error(`the like ${likeJobKey(job.data)} is being worked on elsewhere`);
	const signal = AbortSignal.any([stopping, lock.signal, job.signal]);
	try {
		await settleLike({ ...ctx, log }, job.data, signal);
	} catch (cause) {
		log.warn('like_job_tried_again_later', describeError(cause));
		throw cause;
	} finally {
		await lock.release();
	}
}
