import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, describe, it } from 'node:test';
import { createLogger } from '#lib/server/log.ts';
import { openTestDatabase, type TestDatabase } from '#lib/server/testing/test-database.ts';
import { PgBoss } from 'pg-boss';
import { type Jobs, openJobs } from './jobs.ts';
import { freeOrphans } from './orphans.ts';
import { bossDatabase } from './pg-boss-database.ts';
import { GIVEN_UP, UPLOADS } from './queues.ts';
import { openWorkLocks } from './work-locks.ts';

describe('the queue of uploads', () => {
	let database: TestDatabase;
	let jobs: Jobs;
	const errors: string[] = [];
	before(async () => {
		database = await openTestDatabase();
		const log = createLogger('warn', (line) => errors.push(line));
		// two processes that start at the same moment make it once
		const opened = await Promise.all([
			openJobs({ sql: database.sql, log }),
			openJobs({ sql: database.sql, log })
		]);
		jobs = opened[0];
		await opened[1].close();
	});
	after(async () => {
		await jobs.close();
		await database.close();
		assert.deepEqual(errors, []);
	});

	const queued = async (uploadId: string) =>
		(await database.sql`select 1 from pgboss.job where singleton_key = ${uploadId}`).length;

	it('takes a job exactly when the transaction it belongs to is carried out', async () => {
		const kept = randomUUID();
		const undone = randomUUID();
		await database.db.transaction().execute((trx) => jobs.enqueueUpload(trx, kept));
		const failing = database.db.transaction().execute(async (trx) => {
			await jobs.enqueueUpload(trx, undone);
			throw new Error('undone');
		});
		await assert.rejects(failing, /undone/);
		assert.deepEqual([await queued(kept), await queued(undone)], [1, 0]);
	});

	const anyBoss = async () =>
		await new PgBoss({
			db: bossDatabase(database.sql),
			supervise: false,
			schedule: false
		}).start();

	it('puts a job aside when all its attempts are used up', async () => {
		const uploadId = randomUUID();
		await jobs.enqueueUpload(database.db, uploadId);
		const [job] = await database.sql<{ id: string }[]>`
			update pgboss.job set state = 'active', retry_count = retry_limit, started_on = now()
			where singleton_key = ${uploadId} returning id`;
		const boss = await anyBoss();
		await boss.fail(UPLOADS, job?.id ?? '');
		const aside = await boss.findJobs(GIVEN_UP, { data: { uploadId } });
		assert.equal(aside.length, 1);
		await boss.stop({ close: false, graceful: false });
	});

	it('loses no wish to go on with an upload', async () => {
		const id = randomUUID();
		await jobs.enqueueUpload(database.db, id);
		await jobs.enqueueUpload(database.db, id);
		assert.equal(await queued(id), 2);
	});

	it('says that nobody works on what it holds', async () => {
		const status = await jobs.status();
		assert.equal(status.draining, false);
		assert.equal(status.reason, 'no worker takes jobs');
		assert.ok(status.ready >= 3);
	});

	it('says that a worker died, within half a minute of its last sign of life', async () => {
		const worker = (heartbeatAgo: string) => database.sql`
			insert into pgboss.instance (id, host, pid, version, node_version, heartbeat_seconds, supervise,
				schedule, migrate, persist_queue_stats, persist_warnings, workers, heartbeat_on)
			values (gen_random_uuid(), 'far', 1, '1', '24', 10, true, true, true, true, true,
				'[{"queue": "uploads"}]', now() - ${heartbeatAgo}::interval)`;
		await worker('40 seconds');
		const dead = await jobs.status();
		assert.equal(dead.draining, false);
		assert.match(
			dead.reason ?? '',
			/^no worker takes jobs: the one on far has been silent for 4\d seconds$/
		);
		await worker('20 seconds');
		assert.equal((await jobs.status()).draining, true);
		await worker('2 hours');
		const lives = (await jobs.workers()).map(({ name, isLive }) => [name, isLive]);
		assert.deepEqual(lives.toSorted(), [
			['far:1', false],
			['far:1', true]
		]);
		await database.sql`delete from pgboss.instance where host = 'far'`;
	});

	it('counts what waits, is worked on or has failed, and since when', async () => {
		const late = randomUUID();
		await jobs.enqueueUpload(database.db, late);
		await database.sql`
			update pgboss.job set created_on = now() - interval '9 minutes',
				start_after = now() - interval '7 minutes' where singleton_key = ${late}`;
		await jobs.enqueueRelease(database.db, randomUUID(), new Date(Date.now() + 60_000));
		const counts = await jobs.counts();
		const ready = counts.find(({ queue, state }) => queue === 'uploads' && state === 'ready');
		assert.ok(ready && ready.count >= 1);
		assert.ok(Math.abs(ready.oldestSeconds - 7 * 60) < 30, `${ready.oldestSeconds} seconds`);
		const deferred = counts.find(
			({ queue, state }) => queue === 'releases' && state === 'deferred'
		);
		assert.deepEqual(deferred, {
			queue: 'releases',
			state: 'deferred',
			count: 1,
			oldestSeconds: 0
		});
		await database.sql`delete from pgboss.job where singleton_key = ${late}`;
	});

	it('frees the job of a worker that is dead, and not that of one that lives', async () => {
		const [dead, alive] = [randomUUID(), randomUUID()];
		for (const id of [dead, alive]) await jobs.enqueueUpload(database.db, id);
		await database.sql`
			update pgboss.job set state = 'active', started_on = now() - interval '1 minute'
			where singleton_key in ${database.sql([dead, alive])}`;
		const worker = openWorkLocks(database.sql);
		assert.ok(await worker.take(`upload:${alive}`));
		const boss = await anyBoss();
		const watcher = openWorkLocks(database.sql);
		assert.deepEqual(await freeOrphans(database, boss, watcher), [dead]);
		assert.deepEqual(await freeOrphans(database, boss, watcher), []);
		const states = await database.sql`
			select singleton_key, state from pgboss.job where singleton_key in ${database.sql([dead, alive])}`;
		assert.deepEqual(
			new Map(states.map((row) => [row['singleton_key'], row['state']])),
			new Map([
				[dead, 'retry'],
				[alive, 'active']
			])
		);
		await boss.stop({ close: false, graceful: false });
		await watcher.close();
		await worker.close();
	});
});
