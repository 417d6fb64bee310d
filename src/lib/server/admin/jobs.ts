import type { QueueCounts, ShownJob } from '#lib/admin/admin.ts';
import type { Context } from '#lib/server/context.ts';
import { conflict, notFound } from '#lib/server/errors.ts';
import { QUEUES } from '#lib/server/jobs/queues.ts';
import { JOB_STATES, type JobState } from '#lib/server/jobs/status.ts';
import type { UnfinishedJob } from '#lib/server/jobs/unfinished.ts';
import { noteAction } from '#lib/server/moderation/operator-queue.ts';

type Reader = Pick<Context, 'jobs'>;

const LISTED = 50;

/** The jobs of a queue in a state. */
export interface JobList {
	queue: string;
	state: JobState;
	jobs: ShownJob[];
	/** null at the end */
	nextCursor: string | null;
}

/** How many jobs there are, and those of a queue when one is named. */
export interface JobsOverview {
	queues: QueueCounts[];
	/** null: none is named */
	list: JobList | null;
}

/** @throws DomainError 404 for a queue there is not */
export async function openJobsOverview(
	{ jobs }: Reader,
	asked: { queue: string | null; state: string | null; cursor: string | null }
): Promise<JobsOverview> {
	const { queue } = asked;
	const state = JOB_STATES.find((one) => one === asked.state) ?? 'failed';
	const [counts, list] = await Promise.all([
		jobs.counts(),
		queue === null ? null : listJobs({ jobs }, knownQueue(queue), state, asked.cursor)
	]);
	const queues = QUEUES.map(({ name }) => {
		const count = (one: JobState) =>
			counts.find((row) => row.queue === name && row.state === one)?.count ?? 0;
		return {
			queue: name,
			ready: count('ready'),
			deferred: count('deferred'),
			active: count('active'),
			failed: count('failed')
		};
	});
	return { queues, list };
}

async function listJobs(
	{ jobs }: Reader,
	queue: string,
	state: JobState,
	cursor: string | null
): Promise<JobList> {
	const found = await jobs.list(queue, state, cursor, LISTED + 1);
	const shown = found.slice(0, LISTED);
	const nextCursor = found.length > LISTED ? (shown.at(-1)?.id ?? null) : null;
	return { queue, state, jobs: shown.map(present), nextCursor };
}

function knownQueue(name: string): string {
	const known = QUEUES.find((queue) => queue.name === name);
	if (known) return known.name;
	throw notFound('there is no such queue', 'queue_not_found');
}

const present = (job: UnfinishedJob): ShownJob => ({
	id: job.id,
	about: JSON.stringify(job.data ?? {}),
	retries: job.retries,
	createdAt: job.createdAt.toISOString(),
	startAfter: job.startAfter.toISOString(),
	problem: job.problem
});

type Actor = Pick<Context, 'db' | 'jobs' | 'log'>;

/**
 * Lets a job be tried now: one that failed, or that waits for its next try.
 * @param who the did of the operator, for their log
 * @throws DomainError 409 `job_is_over` when it is done, or somebody is at it
 */
export const retryJob = (ctx: Actor, who: string, queue: string, id: string): Promise<void> =>
	act(ctx, { who, queue, id, action: 'job_retried' }, () => ctx.jobs.retry(queue, id));

/**
 * Takes a job away. What it was about stays, and may ask for another one by itself.
 * @throws as `retryJob`
 */
export const discardJob = (ctx: Actor, who: string, queue: string, id: string): Promise<void> =>
	act(ctx, { who, queue, id, action: 'job_discarded' }, () => ctx.jobs.discard(queue, id));

async function act(
	ctx: Actor,
	{ who, queue, id, action }: { who: string; queue: string; id: string; action: string },
	change: () => Promise<boolean>
): Promise<void> {
	if (!(await change())) {
		throw conflict('job_is_over', 'this job is done, or somebody is at it just now');
	}
	await noteAction(ctx, { who, action, subject: `${queue} ${id}` });
	ctx.log.info(action, { who, queue, jobId: id });
}
