import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { after, before, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { openTestDatabase, type TestDatabase } from '#lib/server/testing/test-database.ts';
import { openWorkLocks, type WorkLock } from './work-locks.ts';

let database: TestDatabase;

async function takeSoon(take: () => Promise<WorkLock | null>): Promise<WorkLock | null> {
	for (let i = 0; i < 100; i++) {
		const lock = await take();
		if (lock) return lock;
		await sleep(20);
	}
	return null;
}

describe('the right to work on one thing', () => {
	before(async () => {
		database = await openTestDatabase();
	});
	after(() => database.close());

	it('is had by one process at a time, and another one gets it when it is released', async () => {
		const here = openWorkLocks(database.sql);
		const there = openWorkLocks(database.sql);
		const lock = await here.take('upload:1');
		assert.ok(lock);
		assert.equal(await there.take('upload:1'), null);
		assert.ok(await there.take('upload:2'), 'of another thing');
		await lock.release();
		assert.ok(await there.take('upload:1'));
		await here.close();
		await there.close();
	});

	it('is had once within a process as well', async () => {
		const here = openWorkLocks(database.sql);
		const taken = await Promise.all([here.take('upload:1'), here.take('upload:1')]);
		const [lock, ...others] = taken.filter((one) => one !== null);
		assert.ok(lock);
		assert.equal(others.length, 0);
		assert.equal(await here.take('upload:1'), null);
		await lock.release();
		await lock.release();
		const again = await here.take('upload:1');
		assert.ok(again);
		await lock.release();
		assert.equal(await here.take('upload:1'), null, 'an old lock does not let go of a new one');
		await here.close();
	});

	it('ends with a process that is killed', async () => {
		const child = spawn(
			process.execPath,
			[
				'--input-type=module-typescript',
				'--eval',
				`import { connectDatabase } from '#lib/server/db/connect.ts';
				import { readConfig } from '#lib/server/config.ts';
				import { openWorkLocks } from '#lib/server/jobs/work-locks.ts';
				const { sql } = connectDatabase(${JSON.stringify(database.address)}, readConfig({}).database);
				const lock = await openWorkLocks(sql).take('upload:1');
				process.stdout.write(lock ? 'taken' : 'not taken');
				setInterval(() => {}, 1000);`
			],
			{ stdio: ['ignore', 'pipe', 'inherit'] }
		);
		const [said] = (await once(child.stdout, 'data')) as [Buffer];
		assert.equal(String(said), 'taken');
		const here = openWorkLocks(database.sql);
		assert.equal(await here.take('upload:1'), null);
		child.kill('SIGKILL');
		assert.ok(await takeSoon(() => here.take('upload:1')));
		await here.close();
	});

	it('says so when it is lost, and can be had again', async () => {
		const here = openWorkLocks(database.sql);
		const lock = await here.take('upload:1');
		assert.ok(lock);
		await database.sql`
			select pg_terminate_backend(pid) from pg_locks where locktype = 'advisory'`;
		// the connection may be gone before the one that ended it has its answer
		if (!lock.signal.aborted) {
			await once(lock.signal, 'abort', { signal: AbortSignal.timeout(2_000) });
		}
		await lock.release();
		assert.ok(await here.take('upload:1'));
		await here.close();
	});
});
