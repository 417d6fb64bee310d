import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { PgBoss } from 'pg-boss';
import type { Context } from '#lib/server/context.ts';
import { createLogger } from '#lib/server/log.ts';
import { openTestDatabase, type TestDatabase } from '#lib/server/testing/test-database.ts';
import { unseen } from '#lib/server/testing/unseen.ts';
import { startBoss } from './boss.ts';
import { openJobs } from './jobs.ts';
import { startLikeWorker } from './like-worker.ts';
import { PEOPLE } from './queues.ts';
import { openWorkLocks } from './work-locks.ts';

const WITHIN_MS = 20_000;
const BOB = 'did:plc:bob';

describe('who finds out who people are', () => {
	let database: TestDatabase;
	let boss: PgBoss;
	const log = createLogger('error', () => undefined);
	before(async () => {
		database = await openTestDatabase();
		boss = await startBoss({ sql: database.sql, log });
	});
	after(async () => {
		await boss.stop({ close: false, graceful: false });
		await database.close();
	});

	const until = async (what: string, look: () => Promise<boolean>) => {
		const end = Date.now() + WITHIN_MS;
		while (!(await look())) {
			assert.ok(Date.now() < end, what);
			await sleep(50);
		}
	};

	it('does so as soon as whoever has the lock lets go of it, and not with the next sweep', async (context) => {
		const { db, sql } = database;
		const jobs = await openJobs({ sql, log });
		// as who looks whether a worker died has it for a moment
		const elsewhere = openWorkLocks(sql);
		const lock = await elsewhere.take('people');
		assert.ok(lock);
		const locks = openWorkLocks(sql);
		const asked: string[] = [];
		const oauth = {
			identify(did: string) {
				asked.push(did);
				return Promise.reject(new Error('its server does not answer'));
			}
		};
		const ctx = { db, sql, jobs, log, oauth, ...unseen() } as unknown as Context;
		const stopping = new AbortController();
		await sql`insert into people (did, wanted_at) values (${BOB}, now())`;
		await jobs.enqueuePeople(db);
		context.after(async () => {
			stopping.abort();
			await jobs.close();
			for (const one of [elsewhere, locks]) await one.close();
		});
		await startLikeWorker({ ctx, boss, locks, stopping: stopping.signal });
		await until('it was tried', async () => {
			const rows = await sql`
				select 1 from pgboss.job where name = ${PEOPLE} and state not in ('created', 'active')`;
			return rows.length > 0;
		});
		assert.deepEqual(asked, []);
		await lock.release();
		await until('somebody was asked', () => Promise.resolve(asked.length > 0));
		assert.deepEqual(asked, [BOB]);
	});
});
