import type postgres from 'postgres';
import type { Context } from '#lib/server/context.ts';
import type { Db } from '#lib/server/db/connect.ts';
import type { Logger } from '#lib/server/log.ts';

/** Whether somebody works on what has been accepted. */
export interface JobsStatus {
	/** a worker takes jobs and finishes them */
	draining: boolean;
	/** jobs that could start now and have not */
	ready: number;
	/** jobs somebody is at */
	active: number;
	/** why they are not draining, in plain words */
	reason?: string;
}

/** Durable work: kept in Postgres, enqueued in the transaction of the row it is about. */
export interface Jobs {
	/** asks for an upload to be worked on; nothing is asked when the transaction is rolled back */
	enqueueUpload(trx: Db, uploadId: string): Promise<void>;
	/** starts taking jobs in this process */
	work(ctx: Context): Promise<void>;
	status(): Promise<JobsStatus>;
	/** stops taking jobs and hands back those under way, so that another process goes on at once */
	close(): Promise<void>;
}

/** Opens the queue. */
export async function openJobs(parts: { sql: postgres.Sql; log: Logger }): Promise<Jobs> {
	return {
		async enqueueUpload(_trx, uploadId) {
			parts.log.debug('upload_enqueued', { uploadId });
		},
		async work() {},
		async status() {
			return { draining: false, ready: 0, active: 0, reason: 'no worker takes jobs' };
		},
		async close() {}
	};
}
