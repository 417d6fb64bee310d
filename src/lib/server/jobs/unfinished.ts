import type postgres from 'postgres';
import type { JobState } from './status.ts';

/** A job for whoever runs the site. */
export interface UnfinishedJob {
	id: string;
	queue: string;
	/** what it carries: ids */
	data: unknown;
	/** how often it was tried again */
	retries: number;
	createdAt: Date;
	/** when it is tried next */
	startAfter: Date;
	/** what it said when it failed */
	problem: string | null;
}

const IS_ID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** Spelled as in the index of live jobs, so that it is found by it. */
function isIn(sql: postgres.Sql, state: JobState) {
	if (state === 'active') return sql`state = 'active'`;
	if (state === 'failed') return sql`state = 'failed'`;
	const waits = sql`state in ('created', 'retry')`;
	return state === 'ready'
		? sql`${waits} and start_after <= now()`
		: sql`${waits} and start_after > now()`;
}

/** What whoever runs the site may see of jobs, and do about them. */
export const unfinishedJobs = (sql: postgres.Sql) => ({
	async list(
		queue: string,
		state: JobState,
		afterId: string | null,
		limit: number
	): Promise<UnfinishedJob[]> {
		const after = afterId !== null && IS_ID.test(afterId) ? afterId : null;
		return await sql<UnfinishedJob[]>`
			select id, name as queue, data - 'origin' as data, retry_count as retries, created_on as "createdAt",
				start_after as "startAfter", left(coalesce(output ->> 'message', output::text), 500) as problem
			from pgboss.job
			where name = ${queue} and ${isIn(sql, state)}
				and (${after}::uuid is null or id > ${after}::uuid)
			order by id limit ${limit}`;
	},

	async retry(queue: string, id: string): Promise<boolean> {
		if (!IS_ID.test(id)) return false;
		// one that failed may be tried once more than it was to be
		const rows = await sql`
			update pgboss.job set start_after = now(), completed_on = null,
				retry_limit = greatest(retry_limit, retry_count + 1),
				state = case state when 'failed' then 'retry'::pgboss.job_state else state end
			where name = ${queue} and id = ${id} and state in ('failed', 'retry', 'created')
			returning id`;
		return rows.length > 0;
	},

	async discard(queue: string, id: string): Promise<boolean> {
		if (!IS_ID.test(id)) return false;
		const rows = await sql`
			delete from pgboss.job where name = ${queue} and id = ${id} and state in ('failed', 'retry', 'created')
			returning id`;
		return rows.length > 0;
	}
});
