import { PgBoss } from 'pg-boss';
import type postgres from 'postgres';
import { describeError, type Logger } from '#lib/server/log.ts';
import { bossDatabase } from './pg-boss-database.ts';
import { QUEUES } from './queues.ts';

export interface BossWorld {
	sql: postgres.Sql;
	/** past a pooler, for notifications; `sql` where there is none */
	direct?: postgres.Sql | undefined;
	log: Logger;
}

/** Starts pg-boss with our queues, making them on the first start. */
export async function startBoss({ sql, direct, log }: BossWorld): Promise<PgBoss> {
	const boss = new PgBoss({
		db: bossDatabase(sql, direct),
		useListenNotify: true,
		superviseIntervalSeconds: 30,
		monitorIntervalSeconds: 30,
		instanceHeartbeatSeconds: 10,
		openTelemetry: { enabled: false }
	});
	boss.on('error', (error) => log.error('jobs_failed', describeError(error)));
	boss.on('warning', ({ message }) => log.warn('jobs_warning', { message }));
	await boss.start();
	const known = new Set((await boss.getQueues()).map((queue) => queue.name));
	for (const { name, policy, ...options } of QUEUES) {
		if (known.has(name)) await boss.updateQueue(name, options);
		else await boss.createQueue(name, { policy, ...options });
	}
	return boss;
}
