import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { readConfig } from '#lib/server/config.ts';
import { connectDatabase } from './connect.ts';
import { startEmbeddedPostgres } from './embedded-postgres.ts';
import { migrateToLatest } from './migrate.ts';

const dir = mkdtempSync(path.join(tmpdir(), 'plyr-pg-test-'));
const options = readConfig({}).database;
const quiet = () => undefined;

const isAlive = (pid: number) => existsSync(`/proc/${pid}`);
const serverPid = () =>
	Number(readFileSync(path.join(dir, 'cluster/postmaster.pid'), 'utf8').split('\n')[0]);

async function waitUntilGone(pid: number): Promise<void> {
	for (let i = 0; isAlive(pid) && i < 100; i++) await sleep(50);
	assert.equal(isAlive(pid), false, `postgres (pid ${pid}) is still running`);
}

describe('the embedded database', () => {
	after(() => rmSync(dir, { recursive: true, force: true }));

	it('is made on the first start, migrated once, and keeps what was committed', async () => {
		const first = await startEmbeddedPostgres(dir, quiet);
		const one = connectDatabase(first.address, options);
		assert.ok((await migrateToLatest(first.address, options)).length > 0);
		await one.db
			.insertInto('artists')
			.values({ did: 'did:plc:a', handle: 'a.test', display_name: 'A' })
			.execute();
		await one.close();
		const pid = serverPid();
		await first.stop();
		await waitUntilGone(pid);

		const second = await startEmbeddedPostgres(dir, quiet);
		const two = connectDatabase(second.address, options);
		assert.deepEqual(await migrateToLatest(second.address, options), []);
		const artists = await two.db.selectFrom('artists').select('handle').execute();
		assert.deepEqual(artists, [{ handle: 'a.test' }]);
		await two.close();
		await second.stop();
	});

	it('refuses a second process on the same folder and says who holds it', async () => {
		const running = await startEmbeddedPostgres(dir, quiet);
		await assert.rejects(startEmbeddedPostgres(dir, quiet), /another process \(pid \d+\)/);
		await running.stop();
	});

	it('is gone when its owner was killed, and starts again', async () => {
		const script = `
			import { startEmbeddedPostgres } from '#lib/server/db/embedded-postgres.ts';
			await startEmbeddedPostgres(${JSON.stringify(dir)}, () => undefined);
			console.log('ready');
			setInterval(() => undefined, 1000);`;
		const args = ['--input-type=module-typescript', '--eval', script];
		const owner = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
		await once(owner.stdout, 'data');
		const pid = serverPid();
		owner.kill('SIGKILL');
		await waitUntilGone(pid);

		const again = await startEmbeddedPostgres(dir, quiet);
		const connection = connectDatabase(again.address, options);
		assert.equal((await connection.db.selectFrom('artists').selectAll().execute()).length, 1);
		await connection.close();
		await again.stop();
	});

	it('is started again when it stops by itself', async () => {
		const server = await startEmbeddedPostgres(dir, quiet);
		const connection = connectDatabase(server.address, options);
		process.kill(serverPid(), 'SIGKILL');
		let rows: unknown[] = [];
		for (let i = 0; rows.length === 0 && i < 100; i++) {
			rows = await connection.sql`select 1 as one`.catch(() => []);
			await sleep(50);
		}
		assert.equal(rows.length, 1);
		await connection.close();
		await server.stop();
	});

	const asRoot = process.getuid?.() === 0;
	it('works for root in a folder that only root may enter', { skip: !asRoot }, async () => {
		const closed = mkdtempSync(path.join(tmpdir(), 'plyr-closed-'));
		const inside = path.join(closed, 'data/postgres');
		const server = await startEmbeddedPostgres(inside, quiet);
		const connection = connectDatabase(server.address, options);
		assert.equal((await connection.sql`select 1 as one`)[0]?.['one'], 1);
		await connection.close();
		await server.stop();
		rmSync(realpathSync(inside), { recursive: true });
		rmSync(closed, { recursive: true });
	});

	it('cancels a statement that takes too long and keeps serving', async () => {
		const server = await startEmbeddedPostgres(dir, quiet);
		const short = connectDatabase(server.address, { ...options, statementTimeoutMs: 200 });
		await assert.rejects(short.sql`select pg_sleep(5)`, /statement timeout/);
		assert.equal((await short.sql`select 1 as one`)[0]?.['one'], 1);
		await short.close();
		await server.stop();
	});
});
