import type { PgBoss } from 'pg-boss';
import type { Context } from '#lib/server/context.ts';
import { type UploadJob, UPLOADS } from './queues.ts';
import { uploadLock } from './upload-worker.ts';
import type { WorkLocks } from './work-locks.ts';

/** A worker takes the lock right after the job; one that has none after this long is dead. */
const LOCK_GRACE_SECONDS = 2;

/**
 * Frees the jobs of workers that died: a job that is being worked on, and whose upload nobody has
 * locked. Its next attempt begins after about two seconds.
 * @returns the uploads whose jobs were freed
 */
export async function freeOrphans(
	ctx: Pick<Context, 'sql'>,
	boss: PgBoss,
	locks: WorkLocks
): Promise<string[]> {
	const freed = await freeJobs<UploadJob>(ctx, boss, locks, UPLOADS, (job) =>
		uploadLock(job.uploadId)
	);
	return freed.map(({ uploadId }) => uploadId);
}

/**
 * The same for any queue whose workers take a lock right after the job.
 * @returns the jobs that were freed
 */
export async function freeJobs<T extends object>(
	ctx: Pick<Context, 'sql'>,
	boss: PgBoss,
	locks: WorkLocks,
	queue: string,
	lockOf: (job: T) => string
): Promise<T[]> {
	const active = await ctx.sql<{ id: string; retryCount: number; data: T }[]>`
		select id, retry_count as "retryCount", data from pgboss.job
		where name = ${queue} and state = 'active'
			and started_on < now() - make_interval(secs => ${LOCK_GRACE_SECONDS})`;
	const freed: T[] = [];
	for (const { id, retryCount, data } of active) {
		const lock = await locks.take(lockOf(data));
		if (!lock) continue;
		try {
			// only the attempt we saw: meanwhile it may have ended and begun anew
			const reason = { message: 'the process that worked on it died' };
			const answer: { affected?: number } = await boss.fail(queue, { id, retryCount }, reason);
			if (answer.affected) freed.push(data);
		} finally {
			await lock.release();
		}
	}
	return freed;
}

/**
 * Uploads that ought to be worked on and have no job: none is lost, whatever went wrong. The
 * accepting transaction makes both, so this finds nothing unless something was deleted by hand.
 */
export async function findForgotten(ctx: Pick<Context, 'sql'>): Promise<string[]> {
	const rows = await ctx.sql<{ id: string }[]>`
		select id from uploads
		where status in ('pending', 'processing') and updated_at < now() - interval '1 minute'
			and not exists (
				select 1 from pgboss.job
				where name = ${UPLOADS} and state < 'completed' and singleton_key = uploads.id::text
			)
		limit 100`;
	return rows.map((row) => row.id);
}
