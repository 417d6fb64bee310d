import type { Instance, PgBoss } from 'pg-boss';
import type postgres from 'postgres';
import { UPLOADS } from './queues.ts';

/** Whether somebody works on what has been accepted. */
export interface JobsStatus {
	/** a worker takes jobs, and none waits for long */
	draining: boolean;
	/** jobs that could start now and have not */
	ready: number;
	/** jobs somebody is at */
	active: number;
	/** why they are not draining, in plain words */
	reason?: string;
}

/** A job that could start and has not for this long means that nobody keeps up. */
const LATE_SECONDS = 120;

/** Asks the database, so that any process can answer for all of them. */
export async function readStatus(sql: postgres.Sql, boss: PgBoss): Promise<JobsStatus> {
	const [counts] = await sql<{ ready: number; active: number; lateSeconds: number }[]>`
		select
			count(*) filter (where state < 'active' and start_after <= now())::int as ready,
			count(*) filter (where state = 'active')::int as active,
			coalesce(extract(epoch from now() - min(start_after)
				filter (where state < 'active')), 0)::int as "lateSeconds"
		from pgboss.job where name = ${UPLOADS} and state < 'completed'`;
	const { ready = 0, active = 0, lateSeconds = 0 } = counts ?? {};
	const instances = await boss.getInstances();
	const workers = instances.filter((one) => one.workers.some(({ queue }) => queue === UPLOADS));
	if (!workers.some(({ live }) => live) && !isWorkingHere(boss)) {
		const reason = `no worker takes jobs${lastHeard(workers)}`;
		return { draining: false, ready, active, reason };
	}
	if (lateSeconds > LATE_SECONDS && active === 0) {
		const reason = `uploads wait for ${lateSeconds} seconds and no worker takes them`;
		return { draining: false, ready, active, reason };
	}
	return { draining: true, ready, active };
}

/** Tells one that died from one that was stopped and from one that never was. */
function lastHeard(workers: Instance[]): string {
	const [last] = workers.sort((a, b) => b.heartbeatOn.getTime() - a.heartbeatOn.getTime());
	if (!last) return '';
	const seconds = Math.round((Date.now() - last.heartbeatOn.getTime()) / 1000);
	const end = last.stoppedOn ? 'has been stopped' : 'has been silent';
	return `: the one on ${last.host} ${end} for ${seconds} seconds`;
}

/** The registry of instances is some seconds old: our own worker is known at once. */
const isWorkingHere = (boss: PgBoss) =>
	boss.getWipData().some((worker) => worker.name === UPLOADS && worker.state === 'active');

/** States of a job that is not done. `deferred` has a time that is yet to come. */
export const JOB_STATES = ['ready', 'deferred', 'active', 'failed'] as const;
export type JobState = (typeof JOB_STATES)[number];

/** How many jobs of a queue are in one state. */
export interface JobCount {
	queue: string;
	state: JobState;
	count: number;
	/** since the oldest of them could have begun, began, or was asked for */
	oldestSeconds: number;
}

/** Those of jobs that have ended otherwise are left out: reading them costs, and tells nothing. */
export async function countJobs(sql: postgres.Sql): Promise<JobCount[]> {
	// spelled as in the index of live jobs, so that it is found by it
	const rows = await sql<JobCount[]>`
		select name as queue,
			case
				when state in ('active', 'failed') then state::text
				when start_after > now() then 'deferred'
				else 'ready'
			end as state,
			count(*)::int as count,
			coalesce(extract(epoch from now() - min(case
				when state = 'active' then started_on
				when state = 'failed' then completed_on
				else greatest(start_after, created_on)
			end)), 0)::float8 as "oldestSeconds"
		from pgboss.job
		where state in ('created', 'retry', 'active', 'failed')
		group by 1, 2`;
	return rows.map((row) => ({ ...row, oldestSeconds: Math.max(0, row.oldestSeconds) }));
}

/** A process that takes jobs, or did. */
export interface WorkerLife {
	/** host and process id */
	name: string;
	isLive: boolean;
	heartbeatAt: Date;
}

/** A machine that is gone for good is not waited for any more after this. */
const FORGOTTEN_MS = 60 * 60 * 1000;

/** Those that take uploads, were not stopped on purpose, and were heard within the hour. */
export async function listWorkers(boss: PgBoss): Promise<WorkerLife[]> {
	const instances = await boss.getInstances();
	const since = Date.now() - FORGOTTEN_MS;
	return instances
		.filter((one) => !one.stoppedOn && one.heartbeatOn.getTime() > since)
		.filter((one) => one.workers.some(({ queue }) => queue === UPLOADS))
		.map((one) => ({
			name: `${one.host}:${one.pid}`,
			isLive: one.live,
			heartbeatAt: one.heartbeatOn
		}));
}
