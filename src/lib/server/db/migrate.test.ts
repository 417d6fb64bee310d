import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { sql } from 'kysely';
import { readConfig } from '#lib/server/config.ts';
import { openTestDatabase, type TestDatabase } from '#lib/server/testing/test-database.ts';
import { migrateToLatest, type MigrationOptions, pendingMigrations } from './migrate.ts';

const config = readConfig({}).database;

/** A module of a migration that runs statements, one after the other. */
const migration = (...statements: string[]) => `
import { sql } from '${import.meta.resolve('kysely')}';
export async function up(db) {
	for (const text of ${JSON.stringify(statements)}) await sql.raw(text).execute(db);
}`;

describe('migrations', () => {
	let database: TestDatabase;
	let folder: string;
	before(async () => {
		database = await openTestDatabase();
		folder = await mkdtemp(path.join(tmpdir(), 'plyr-migrations-'));
	});
	after(async () => {
		await database.close();
		await rm(folder, { recursive: true, force: true });
	});

	const add = (name: string, ...statements: string[]) =>
		writeFile(path.join(folder, `${name}.ts`), migration(...statements));
	const remove = (name: string) => rm(path.join(folder, `${name}.ts`));
	const migrate = (options: MigrationOptions = {}) =>
		migrateToLatest(database.address, config, { folder, ...options });

	it('are each carried out once, whoever starts at the same time', async () => {
		await add('20300101T000000-slow', 'create table slow (n int)', 'select pg_sleep(0.3)');
		await add('20300101T000001-next', 'insert into slow values (1)');
		const applied = await Promise.all([migrate(), migrate(), migrate()]);
		assert.deepEqual(applied.flat().sort(), ['20300101T000000-slow', '20300101T000001-next']);
		assert.deepEqual([...(await database.sql`select n from slow`)], [{ n: 1 }]);
		assert.deepEqual(await migrate(), []);
	});

	it('that fail leave nothing behind, say which one it was, and are carried out when they are mended', async () => {
		await add('20300101T000002-good', 'create table good (n int)');
		await add('20300101T000003-bad', 'create table half (n int)', 'select 1 / 0');
		await assert.rejects(migrate(), /migration 20300101T000003-bad failed/);
		const [left] =
			await database.sql`select to_regclass('good') as good, to_regclass('half') as half`;
		assert.deepEqual({ ...left }, { good: 'good', half: null });
		await add('20300101T000003-bad', 'create table half (n int)');
		// a module is loaded once in a process: the mended one has another name
		await remove('20300101T000003-bad');
		await add('20300101T000004-mended', 'create table half (n int)');
		assert.deepEqual(await migrate(), ['20300101T000004-mended']);
	});

	it('wait for a table that is in use without holding anybody else up', async () => {
		await add('20300101T000005-column', 'alter table slow add column title text');
		const { db, sql } = database;
		let isOver = false;
		const isRead = Promise.withResolvers<null>();
		const reader = db.transaction().execute(async (trx) => {
			await trx
				.selectFrom('slow' as 'artists')
				.select('n' as 'did')
				.execute();
			isRead.resolve(null);
			while (!isOver) await sleep(10);
		});
		await isRead.promise;
		const migrating = migrate({ lockTimeoutMs: 200 });
		let longestMs = 0;
		for (let i = 0; i < 30; i++) {
			const askedAt = performance.now();
			await sql`select count(*) from slow`;
			longestMs = Math.max(longestMs, performance.now() - askedAt);
			await sleep(50);
		}
		isOver = true;
		await reader;
		assert.deepEqual(await migrating, ['20300101T000005-column']);
		assert.ok(longestMs > 50, `it did try meanwhile, so somebody waited: ${longestMs} ms`);
		assert.ok(longestMs < 700, `somebody waited for ${longestMs} ms`);
	});

	it('wait longer for what looks after a table, which yields to nobody who waits for less', async () => {
		await add('20300101T000006-looked-after', 'alter table slow add column looked_after text');
		const { db } = database;
		const isLocked = Promise.withResolvers<null>();
		// as autovacuum locks it, which is ended for who has waited for a second
		const maintenance = db.transaction().execute(async (trx) => {
			await sql`lock table slow in share update exclusive mode`.execute(trx);
			isLocked.resolve(null);
			await sleep(1_500);
		});
		await isLocked.promise;
		const limits = { lockTimeoutMs: 100, attempts: 2, pauseMs: 0 };
		assert.deepEqual(await migrate(limits), ['20300101T000006-looked-after']);
		await maintenance;
	});

	it('never make the database end what others do, for a circle of who waits for whom', async () => {
		await migrate();
		await database.sql`create table other (n int)`;
		// long enough for somebody to come who has one of the tables and waits for the other
		const [first, next] = [
			'alter table slow add column a int',
			'alter table other add column a int'
		];
		await add('20300101T000005-two-tables', first, 'select pg_sleep(0.8)', next);
		const migrating = migrate();
		const others = Array.from({ length: 30 }, async (_, i) => {
			await sleep(i * 50);
			await database.sql.begin(async (trx) => {
				await trx`select count(*) from other`;
				await sleep(10);
				await trx`select count(*) from slow`;
			});
		});
		const ends = await Promise.allSettled(others);
		assert.deepEqual(
			ends.flatMap((end) => (end.status === 'rejected' ? [String(end.reason)] : [])),
			[]
		);
		assert.deepEqual(await migrating, ['20300101T000005-two-tables']);
	});

	it('are given up after a while, and can be tried again', async () => {
		await add('20300101T000006-index', 'create index on slow (title)');
		const { db } = database;
		let isOver = false;
		const isWritten = Promise.withResolvers<null>();
		const writer = db.transaction().execute(async (trx) => {
			await trx
				.insertInto('slow' as 'artists')
				.values({ n: 2 } as never)
				.execute();
			isWritten.resolve(null);
			while (!isOver) await sleep(10);
		});
		await isWritten.promise;
		await assert.rejects(
			migrate({ lockTimeoutMs: 50, attempts: 2 }),
			/migration 20300101T000006-index failed; the database is as it was before it/
		);
		isOver = true;
		await writer;
		assert.deepEqual(await migrate(), ['20300101T000006-index']);
	});

	it('may take longer than a request', async () => {
		await add('20300101T000007-long', 'select pg_sleep(1.2)');
		const impatient = { ...config, statementTimeoutMs: 300 };
		const options = { folder };
		assert.deepEqual(await migrateToLatest(database.address, impatient, options), [
			'20300101T000007-long'
		]);
	});

	it('of a newer version are left alone by an older one', async () => {
		await remove('20300101T000007-long');
		await add('20300101T000006-zz-late', 'create table late (n int)');
		assert.deepEqual(await migrate(), ['20300101T000006-zz-late']);
	});

	it('are known before they are carried out', async () => {
		const names = ['20300101T000000-slow', '20300101T000009-unknown'];
		assert.deepEqual(await pendingMigrations(database.db, names), ['20300101T000009-unknown']);
	});
});
