import type { Job, PgBoss } from 'pg-boss';
import {
	finishAccountDeletion,
	listForgottenAccounts
} from '#lib/server/accounts/finish-deletion.ts';
import type { Context } from '#lib/server/context.ts';
import { describeError } from '#lib/server/log.ts';
import { freeJobs } from './orphans.ts';
import { ACCOUNT_DELETIONS, type AccountDeletionJob } from './queues.ts';
import { takeJobs } from './take-jobs.ts';
import type { WorkLocks } from './work-locks.ts';

interface Parts {
	ctx: Context;
	boss: PgBoss;
	locks: WorkLocks;
	/** aborted when this process is about to stop */
	stopping: AbortSignal;
}

/** The lock under which an account is deleted, also by whoever runs the site (cli/delete-account.ts). */
export const accountLock = (did: string) => `account:${did}`;

/** Deletes accounts. `watch`: to be called now and then, finds what nobody works on. */
export async function startAccountWorker(parts: Parts): Promise<{ watch(): Promise<void> }> {
	const { ctx, boss, locks } = parts;
	await takeJobs<AccountDeletionJob>(ctx, boss, ACCOUNT_DELETIONS, {}, (job) => work(parts, job));
	return {
		async watch() {
			const lockOf = ({ did }: AccountDeletionJob) => accountLock(did);
			for (const { did } of await freeJobs(ctx, boss, locks, ACCOUNT_DELETIONS, lockOf)) {
				ctx.log.warn('account_job_of_dead_worker_freed', { did });
			}
			for (const did of await listForgottenAccounts(ctx)) {
				await ctx.jobs.enqueueAccountDeletion(ctx.db, did);
			}
		}
	};
}

/** What it throws makes pg-boss try again, later and later. */
async function work({ ctx, locks, stopping }: Parts, job: Job<AccountDeletionJob>): Promise<void> {
	const { did } = job.data;
	const log = ctx.log.child({ did, attempt: job.retryCount + 1 });
	const lock = await locks.take(accountLock(did));
	if (!lock) throw new Error(`the account ${did} is being deleted elsewhere`);
	const signal = AbortSignal.any([stopping, lock.signal, job.signal]);
	try {
		await finishAccountDeletion({ ...ctx, log }, did, signal);
	} catch (cause) {
		log.warn('account_deletion_tried_again_later', describeError(cause));
		throw cause;
	} finally {
		await lock.release();
	}
}
