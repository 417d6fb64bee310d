import type { Job, PgBoss } from 'pg-boss';
import type { Instruments } from '#lib/server/trace/instruments.ts';
import { observeJob } from './observe-job.ts';

interface Options {
	/** jobs of the queue this process works on at the same time; one when absent */
	atOnce?: number;
	/** see pg-boss */
	groupConcurrency?: number;
	/** how often somebody looks, as news of a job may get lost */
	lookSeconds?: number;
}

const LOOK_SECONDS = 2;

/**
 * Works on the jobs of a queue. Each of the places takes the next job as soon as it is done with
 * one: pg-boss would first wait out its interval.
 * @param handle what it throws makes pg-boss try again
 */
export async function takeJobs<T extends object>(
	instruments: Instruments,
	boss: PgBoss,
	queue: string,
	{ atOnce = 1, lookSeconds = LOOK_SECONDS, ...options }: Options,
	handle: (job: Job<T>) => Promise<void>
): Promise<void> {
	const intervals = {
		notifyPollingIntervalSeconds: lookSeconds,
		pollingIntervalSeconds: lookSeconds
	};
	const ids: string[] = [];
	for (let place = 0; place < atOnce; place++) {
		ids[place] = await boss.work<T>(queue, { ...options, ...intervals }, async (jobs) => {
			try {
				for (const job of jobs) await observeJob(instruments, queue, job, handle);
			} finally {
				boss.notifyWorker(ids[place] ?? '');
			}
		});
	}
}
