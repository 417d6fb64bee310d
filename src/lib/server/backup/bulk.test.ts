import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { readConfig } from '#lib/server/config.ts';
import { openTestDatabase, type TestDatabase } from '#lib/server/testing/test-database.ts';
import { copyIn, copyOut, inBulk } from './bulk.ts';

const COLUMNS = ['id', 'text'];
const READ_ONLY = 'begin isolation level repeatable read read only';

describe('all rows of a table', { timeout: 60_000 }, () => {
	let database: TestDatabase;
	const target = () => ({ address: database.address, config: readConfig({}) });
	const countOf = async (table: string) => {
		const [row] = await database.sql<
			[{ count: number }]
		>`select count(*) from ${database.sql(table)}`;
		return row.count;
	};

	before(async () => {
		database = await openTestDatabase();
		await database.sql`create table rows_out as
			select id, repeat(md5(id::text), 3) || e'\\t\\n\\\\' as text from generate_series(1, 20000) id`;
		await database.sql`create table rows_in (id integer primary key, text text)`;
	});
	after(() => database.close());

	it('go out and in again as they are, at the pace of whoever takes them', async () => {
		const chunks: Uint8Array[] = [];
		await inBulk(target(), READ_ONLY, async (bulk) => {
			for await (const chunk of copyOut(bulk, 'rows_out', COLUMNS)) {
				chunks.push(chunk);
				if (chunks.length % 2_000 === 0) await sleep(1);
			}
			// the connection is of use afterwards
			await bulk.sql`select 1`;
		});
		await inBulk(target(), 'begin', async (bulk) => {
			const rows = (async function* () {
				for (const chunk of chunks) {
					yield chunk;
					await Promise.resolve();
				}
			})();
			await copyIn(bulk, 'rows_in', COLUMNS, rows);
		});
		const different = await database.sql`
			(select id, text from rows_out except select id, text from rows_in)
			union all (select id, text from rows_in except select id, text from rows_out)`;
		assert.equal(different.length, 0);
		assert.equal(await countOf('rows_in'), 20_000);
	});

	it('leave the connection of use, whatever their size, when whoever takes them is slow', async () => {
		const sizes = Array.from({ length: 16 }, (_, n) => 600 + n * 150);
		for (const rows of sizes) {
			await database.sql.unsafe(
				`create table rows_${rows} as select * from rows_out order by id limit ${rows}`
			);
		}
		await inBulk(target(), READ_ONLY, async (bulk) => {
			for (const rows of sizes) {
				for await (const _ of copyOut(bulk, `rows_${rows}`, COLUMNS)) await sleep(20);
				await bulk.sql`select 1`;
			}
		});
	});

	it('of which one does not fit leave nothing, and nobody waits for ever', async () => {
		await database.sql`truncate rows_in`;
		for (const bad of ['1\tone\n1\ttwice\n', '1\tone\nno number\ttwo\n', '1\tone\n2']) {
			const rows = (async function* () {
				yield await Promise.resolve(Buffer.from(bad));
			})();
			await assert.rejects(
				inBulk(target(), 'begin', (bulk) => copyIn(bulk, 'rows_in', COLUMNS, rows)),
				/cannot|do not fit|duplicate|invalid|missing/,
				bad
			);
			assert.equal(await countOf('rows_in'), 0);
		}
	});

	it('that break off leave nothing', async () => {
		const rows = (async function* () {
			yield await Promise.resolve(Buffer.from('1\tone\n'));
			throw new Error('the file ends here');
		})();
		await assert.rejects(
			inBulk(target(), 'begin', (bulk) => copyIn(bulk, 'rows_in', COLUMNS, rows)),
			/the file ends here/
		);
		assert.equal(await countOf('rows_in'), 0);
	});

	it('are of one moment, or not at all: a lost connection is noticed', async () => {
		await assert.rejects(
			inBulk(target(), READ_ONLY, async (bulk) => {
				const [own] = await bulk.sql<[{ pid: number }]>`select pg_backend_pid() as pid`;
				await database.sql`select pg_terminate_backend(${own.pid})`;
				await sleep(200);
				for await (const _ of copyOut(bulk, 'rows_out', COLUMNS)) continue;
			}),
			/the connection to the database was lost/
		);
	});
});
