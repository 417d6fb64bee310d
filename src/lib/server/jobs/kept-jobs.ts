import type { JobInsert } from 'pg-boss';
import type postgres from 'postgres';
import type { Logger } from '#lib/server/log.ts';
import { z } from 'zod';
import { startBoss } from './boss.ts';
import { QUEUES, STRAY_OBJECTS, SWEEPS } from './queues.ts';

/**
 * A job that is to be done, without what one version of pg-boss writes down about it: how often it was
 * tried begins anew where it is kept.
 */
export const keptJob = z.object({
	queue: z.string(),
	id: z.string(),
	data: z.record(z.string(), z.unknown()).nullable(),
	singletonKey: z.string().nullable(),
	groupId: z.string().nullable(),
	priority: z.number(),
	/** ISO 8601 */
	startAfter: z.string()
});
type KeptJob = z.infer<typeof keptJob>;

const PAGE = 500;
/** Begun by the clock, wherever a worker runs. */
const BY_CLOCK = [SWEEPS, STRAY_OBJECTS];

/** Jobs that are not done. */
export async function* keptJobs(sql: postgres.Sql): AsyncGenerator<KeptJob, void> {
	const [made] = await sql<[{ is: boolean }]>`select to_regclass('pgboss.job') is not null as is`;
	if (!made.is) return;
	const pages = sql<(Omit<KeptJob, 'startAfter'> & { startAfter: Date })[]>`
		select name as queue, id::text as id, data, singleton_key as "singletonKey",
			group_id as "groupId", priority, start_after as "startAfter"
		from pgboss.job where state < 'completed' order by created_on, id`.cursor(PAGE);
	for await (const page of pages) {
		for (const job of page) yield { ...job, startAfter: job.startAfter.toISOString() };
	}
}

/**
 * Enqueues kept jobs; one that is there already is left as it is.
 * @returns how many there were for queues of this version
 */
export async function enqueueKept(
	{ sql, log }: { sql: postgres.Sql; log: Logger },
	jobs: AsyncIterable<KeptJob>
): Promise<number> {
	const known = QUEUES.map(({ name }) => name).filter((name) => !BY_CLOCK.includes(name));
	const boss = await startBoss({ sql, log });
	let count = 0;
	const waiting = new Map<string, JobInsert[]>();
	const flush = async (queue: string) => {
		const batch = waiting.get(queue) ?? [];
		waiting.delete(queue);
		if (batch.length > 0) await boss.insert(queue, batch);
	};
	try {
		for await (const { queue, ...job } of jobs) {
			if (!known.includes(queue)) continue;
			count++;
			const batch = waiting.get(queue) ?? [];
			waiting.set(queue, batch);
			if (batch.push(toInsert(job)) >= PAGE) await flush(queue);
		}
		for (const queue of [...waiting.keys()]) await flush(queue);
	} finally {
		await boss.stop({ graceful: false, close: false });
	}
	return count;
}

const toInsert = ({
	id,
	data,
	singletonKey,
	groupId,
	priority,
	startAfter
}: Omit<KeptJob, 'queue'>): JobInsert => ({
	id,
	data: data ?? undefined,
	priority,
	startAfter,
	...(singletonKey === null ? {} : { singletonKey }),
	...(groupId === null ? {} : { group: { id: groupId } })
});
