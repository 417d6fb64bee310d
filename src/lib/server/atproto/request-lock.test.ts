import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { after, before, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { openTestDatabase, type TestDatabase } from '#lib/server/testing/test-database.ts';
import { PdsUnavailable } from './oauth-errors.ts';
import { createRequestLock } from './request-lock.ts';

describe('the lock of a grant', { timeout: 60_000 }, () => {
	let database: TestDatabase;
	before(async () => {
		database = await openTestDatabase();
	});
	after(() => database.close());

	/** Two of them are as two processes: they share nothing but the database. */
	const newLock = (waitLimitMs = 10_000) => createRequestLock(database.locks, waitLimitMs);

	const locksHeld = async () => {
		const rows = await database.sql`select 1 from pg_locks where locktype = 'advisory'`;
		return rows.length;
	};

	it('lets one in at a time, in whatever process, and loses nobody', async () => {
		const locks = [newLock(), newLock()];
		let inside = 0;
		let most = 0;
		const enter = async () => {
			most = Math.max(most, ++inside);
			await sleep(2);
			inside--;
			return 'done';
		};
		const entered = Array.from({ length: 40 }, (_, i) => (locks[i % 2] ?? newLock())('a', enter));
		assert.deepEqual(new Set(await Promise.all(entered)), new Set(['done']));
		assert.equal(most, 1);
		assert.equal(await locksHeld(), 0);
	});

	it('takes one connection per name, however many wait', async () => {
		const lock = newLock();
		let most = 0;
		const enter = async () => {
			most = Math.max(most, await locksHeld());
		};
		await Promise.all(Array.from({ length: 30 }, () => lock('a', enter)));
		assert.equal(most, 1);
	});

	it('does not make people wait for each other', async () => {
		const lock = newLock();
		const { promise: end, resolve } = Promise.withResolvers<undefined>();
		const slow = lock('slow', () => end);
		await lock('other', () => 'through');
		resolve(undefined);
		await slow;
	});

	it('may be taken again by whoever has it', async () => {
		const lock = newLock(500);
		assert.equal(await lock('a', () => lock('a', () => lock('a', () => 'within'))), 'within');
		assert.equal(await locksHeld(), 0);
	});

	it('is not taken by somebody who only looks', async () => {
		const lock = newLock(500);
		const { promise: end, resolve } = Promise.withResolvers<undefined>();
		const holder = lock('a', () => end);
		const look = () => lock('a', () => 'seen');
		assert.equal(await lock.unlocked(async () => look()), 'seen');
		resolve(undefined);
		await holder;
	});

	it('is free again after a failure', async () => {
		const lock = newLock(500);
		const fail = () => Promise.reject(new Error('it failed'));
		await assert.rejects(lock('a', fail), /it failed/);
		assert.equal(await lock('a', () => 'next'), 'next');
	});

	it('makes nobody wait for ever: here, in the other process, or for a connection', async () => {
		const { promise: end, resolve } = Promise.withResolvers<undefined>();
		const here = newLock(300);
		const holder = newLock()('a', () => end);
		await sleep(100);
		const waiting = [here('a', () => 'never'), here('a', () => 'never')];
		for (const result of await Promise.allSettled(waiting)) {
			assert.ok(result.status === 'rejected' && result.reason instanceof PdsUnavailable);
		}
		// the application has four connections for locks
		const others = ['b', 'c', 'd'].map((name) => newLock()(name, () => end));
		await sleep(100);
		await assert.rejects(
			here('e', () => 'never'),
			PdsUnavailable
		);
		resolve(undefined);
		await Promise.all([holder, ...others]);
		assert.equal(await here('e', () => 'now'), 'now');
		assert.equal(await locksHeld(), 0);
	});

	it('is free again when the process that held it was killed', async () => {
		const script = `
			import { connectDatabase, openLeases } from '#lib/server/db/connect.ts';
			import { readConfig } from '#lib/server/config.ts';
			import { createRequestLock } from '#lib/server/atproto/request-lock.ts';
			const address = ${JSON.stringify(database.address)};
			const locks = openLeases(address, readConfig({}).database, 4, 60_000);
			await createRequestLock(locks)('a', () => {
				process.stdout.write('held');
				return new Promise(() => setInterval(() => undefined, 1000));
			});`;
		const holder = spawn(process.execPath, ['--input-type=module', '-e', script]);
		await once(holder.stdout, 'data');
		assert.equal(await locksHeld(), 1);
		const next = newLock()('a', () => 'next');
		holder.kill('SIGKILL');
		assert.equal(await next, 'next');
	});
});
