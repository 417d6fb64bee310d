import type { Job, PgBoss } from 'pg-boss';
import type { Context } from '#lib/server/context.ts';
import { describeError } from '#lib/server/log.ts';
import { makeSmallerFile } from '#lib/server/media/smaller-files.ts';
import { freeJobs } from './orphans.ts';
import { SMALLER_FILES, type SmallerFileJob } from './queues.ts';
import { takeJobs } from './take-jobs.ts';
import type { WorkLocks } from './work-locks.ts';

interface Parts {
	ctx: Context;
	boss: PgBoss;
	locks: WorkLocks;
	/** aborted when this process is about to stop */
	stopping: AbortSignal;
}

/** One for all of them. */
const LOCK = 'smaller-file';

/** Makes smaller files. `watch`: to be called now and then, finds what nobody works on. */
export async function startSmallerWorker(parts: Parts): Promise<{ watch(): Promise<void> }> {
	const { ctx, boss, locks } = parts;
	await takeJobs<SmallerFileJob>(ctx, boss, SMALLER_FILES, {}, (job) => work(parts, job));
	return {
		async watch() {
			const freed = await freeJobs<SmallerFileJob>(ctx, boss, locks, SMALLER_FILES, () => LOCK);
			for (const job of freed) ctx.log.warn('smaller_file_of_dead_worker_freed', { ...job });
		}
	};
}

/** What it throws makes pg-boss try again, later and later. */
async function work({ ctx, locks, stopping }: Parts, job: Job<SmallerFileJob>): Promise<void> {
	const log = ctx.log.child({ fileId: job.data.fileId });
	const lock = await locks.take(LOCK);
	if (!lock) throw new Error('another smaller file is being made elsewhere');
	const signal = AbortSignal.any([stopping, lock.signal, job.signal]);
	try {
		await makeSmallerFile({ ...ctx, log }, job.data, signal);
	} catch (cause) {
		log.warn('smaller_file_left', describeError(cause));
		throw cause;
	} finally {
		await lock.release();
	}
}
