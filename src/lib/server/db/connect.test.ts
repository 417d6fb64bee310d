import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { sql } from 'kysely';
import { DatabaseLine } from '#lib/server/testing/database-line.ts';
import { openTestDatabase, type TestDatabase } from '#lib/server/testing/test-database.ts';
import { readConfig } from '#lib/server/config.ts';
import { DomainError } from '#lib/server/errors.ts';
import { connectDatabase, type DatabaseConnection } from './connect.ts';

const options = {
	...readConfig({}).database,
	poolSize: 3,
	statementTimeoutMs: 1_000,
	connectionTimeoutMs: 1_000
};

describe('the database', () => {
	let database: TestDatabase;
	let line: DatabaseLine;
	let pool: DatabaseConnection;
	before(async () => {
		database = await openTestDatabase();
		const { user, database: name } = database.address;
		line = new DatabaseLine(database.address);
		const near = { user, database: name, host: '127.0.0.1', port: await line.open() };
		pool = connectDatabase(near, options);
	});
	after(async () => {
		await pool.close(1);
		line.close();
		await database.close();
	});

	const ask = async () => await sql`select 1 as one /* asked */`.execute(pool.db);
	/** Also the end of connections that were idle has been noticed then. */
	const untilItAnswers = async () => {
		for (let i = 0; i < 50; i++) {
			if (await ask().catch(() => null)) return;
			await sleep(100);
		}
		await ask();
	};
	const killAll = () => database.sql`
		select pg_terminate_backend(pid) from pg_stat_activity
		where pid <> pg_backend_pid() and query like '%/* asked */%'`;
	const assertUnavailable = (cause: unknown) => {
		assert.ok(cause instanceof DomainError, String(cause));
		assert.equal(cause.status, 503);
		assert.equal(cause.code, 'database_unavailable');
		return true;
	};

	it('is an error 503 within bounded time when it says nothing, and is back when it speaks again', async () => {
		await ask();
		line.isSilent = true;
		const startedAt = performance.now();
		// more than there are connections: some wait for one, some for an answer, some connect
		const asked = await Promise.allSettled(Array.from({ length: 8 }, ask));
		const again = await Promise.allSettled(Array.from({ length: 8 }, ask));
		const ms = performance.now() - startedAt;
		for (const result of [...asked, ...again]) {
			assert.equal(result.status, 'rejected');
			assertUnavailable(result.reason);
		}
		assert.ok(ms < 2 * 4_500, `${Math.round(ms)} ms`);
		line.isSilent = false;
		await untilItAnswers();
		await Promise.all(Array.from({ length: 8 }, ask));
	});

	it('cuts the query off that was running when its connection went', async () => {
		const refused = assert.rejects(
			sql`select pg_sleep(1) /* asked */`.execute(pool.db),
			assertUnavailable
		);
		await sleep(200);
		await killAll();
		await refused;
		await untilItAnswers();
	});

	it('carries nothing of a transaction out whose connection went in its midst', async () => {
		const transaction = pool.db.transaction().execute(async (trx) => {
			await sql`create table half (a int) /* asked */`.execute(trx);
			await killAll();
			await sleep(200);
			await sql`create table other_half (a int)`.execute(trx);
		});
		await assert.rejects(transaction, assertUnavailable);
		await untilItAnswers();
		await Promise.all(Array.from({ length: 5 }, ask));
		const tables = await database.sql`select 1 from pg_tables where tablename like '%half'`;
		assert.equal(tables.length, 0);
	});

	it('undoes a transaction that throws, and says so when one could not be carried out', async () => {
		const thrown = pool.db.transaction().execute(async (trx) => {
			await sql`create table half (a int)`.execute(trx);
			throw new Error('undo');
		});
		await assert.rejects(thrown, /undo/);
		const swallowed = pool.db.transaction().execute(async (trx) => {
			await sql`select nothing`.execute(trx).catch(() => undefined);
		});
		await assert.rejects(swallowed, /rolled back, not committed/);
		await ask();
	});

	it('goes on reading and writing whole rows in transactions when a newer version adds a column', async () => {
		await database.sql`create table grown (n int primary key)`;
		const table = 'grown' as 'artists';
		const key = 'n' as 'did';
		const write = (n: number) =>
			pool.db.transaction().execute(async (trx) => {
				const values = { n } as never;
				await trx.insertInto(table).values(values).returningAll().executeTakeFirstOrThrow();
				await trx
					.selectFrom(table)
					.selectAll()
					.where(key, '=', n as never)
					.execute();
				return await trx
					.selectFrom(`${table} as one` as 'artists')
					.selectAll('one' as never)
					.execute();
			});
		// every connection has sent it before
		await Promise.all([1, 2, 3, 4].map(write));
		await database.sql`alter table grown add column title text`;
		const read = await Promise.all([5, 6, 7, 8].map(write));
		assert.ok('title' in (read[0]?.[0] ?? {}));
	});

	it('is an error 503 when a query takes longer than it may, and goes on with the next', async () => {
		await assert.rejects(sql`select pg_sleep(3)`.execute(pool.db), assertUnavailable);
		await ask();
	});

	it('says how its connections are used', async () => {
		const { size } = pool.use();
		const holding = Promise.withResolvers<undefined>();
		const held = Array.from({ length: size + 1 }, () =>
			pool.db.transaction().execute(() => holding.promise)
		);
		await sleep(200);
		assert.deepEqual(pool.use(), { size, inUse: size, idle: 0, waiting: 1 });
		holding.resolve(undefined);
		await Promise.all(held);
		assert.deepEqual(pool.use(), { size, inUse: 0, idle: size, waiting: 0 });
	});

	it('a closed pool refuses queries at once, instead of holding the process', async () => {
		const closed = connectDatabase(database.address, readConfig({}).database);
		await closed.db.selectFrom('artists').selectAll().execute();
		await closed.close(1);
		await assert.rejects(closed.db.selectFrom('artists').selectAll().execute(), /destroyed/);
	});
});
