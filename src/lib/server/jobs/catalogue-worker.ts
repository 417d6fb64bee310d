import type { Job, PgBoss } from 'pg-boss';
import {
	listForgottenCatalogues,
	workOnCatalogue
} from '#lib/server/catalogue/work-on-catalogue.ts';
import type { Context } from '#lib/server/context.ts';
import { describeError } from '#lib/server/log.ts';
import { freeJobs } from './orphans.ts';
import { CATALOGUE, type CatalogueJob } from './queues.ts';
import { takeJobs } from './take-jobs.ts';
import type { WorkLocks } from './work-locks.ts';

interface Parts {
	ctx: Context;
	boss: PgBoss;
	locks: WorkLocks;
	/** aborted when this process is about to stop */
	stopping: AbortSignal;
}

/** One large catalogue must not hold up everybody else's. */
const CATALOGUES_AT_ONCE = 2;

const lockOf = ({ did }: CatalogueJob) => `catalogue:${did}`;

/** Works on the jobs about catalogues. `watch`: to be called now and then, finds what nobody works on. */
export async function startCatalogueWorker(parts: Parts): Promise<{ watch(): Promise<void> }> {
	const { ctx, boss, locks } = parts;
	await takeJobs<CatalogueJob>(ctx, boss, CATALOGUE, { atOnce: CATALOGUES_AT_ONCE }, (job) =>
		work(parts, job)
	);
	return {
		async watch() {
			for (const job of await freeJobs(ctx, boss, locks, CATALOGUE, lockOf)) {
				ctx.log.warn('catalogue_job_of_dead_worker_freed', { ...job });
			}
			for (const did of await listForgottenCatalogues(ctx)) {
				await ctx.jobs.enqueueCatalogue(ctx.db, did);
			}
		}
	};
}

/** What it throws makes pg-boss try again, later and later. */
async function work({ ctx, locks, stopping }: Parts, job: Job<CatalogueJob>): Promise<void> {
	const { did } = job.data;
	const log = ctx.log.child({ did, attempt: job.retryCount + 1 });
	const lock = await locks.take(lockOf(job.data));
	if (!lock) throw new Error(`the catalogue of ${did} is being worked on elsewhere`);
	const signal = AbortSignal.any([stopping, lock.signal, job.signal]);
	try {
		await workOnCatalogue({ ...ctx, log }, did, signal);
	} catch (cause) {
		log.warn('catalogue_tried_again_later', describeError(cause));
		throw cause;
	} finally {
		await lock.release();
	}
}
