import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { readConfig } from '#lib/server/config.ts';
import { openTestDatabase, type TestDatabase } from '#lib/server/testing/test-database.ts';
import { connectDatabase, type DatabaseConnection } from './connect.ts';
import { migrateToLatest, migrationNames } from './migrate.ts';
import { BusyTables } from './testing/busy-tables.ts';
import { fillTables } from './testing/fill-tables.ts';
import { KeptRows } from './testing/kept-rows.ts';
import { tableForms } from './testing/table-forms.ts';
import { findWrongRows } from './testing/wrong-rows.ts';

const config = readConfig({}).database;
const LOCK_TIMEOUT_MS = 500;
/** The first version that wrote a table came with this migration, later than the table. */
const UNWRITTEN_BEFORE = { track_problems: '20261125T187000-catalogue-repairs' };

describe('a database that has data, of every earlier form', { timeout: 240_000 }, () => {
	let server: TestDatabase;
	let connection: DatabaseConnection;
	let names: string[];
	const address = () => ({ ...server.address, database: 'upgraded' });
	const kept = new KeptRows();

	before(async () => {
		[server, names] = await Promise.all([openTestDatabase(), migrationNames()]);
		await server.sql`create database upgraded`;
		connection = connectDatabase(address(), config);
	});
	after(async () => {
		await connection.close(1);
		await server.close();
	});

	it('is brought to the next while others read and write, and nobody waits for long', async (t) => {
		const busy = new BusyTables(address());
		t.after(() => busy.stop());
		for (const [stage, name] of names.entries()) {
			const options = { upTo: name, lockTimeoutMs: LOCK_TIMEOUT_MS, pauseMs: 50 };
			assert.deepEqual(await migrateToLatest(address(), config, options), [name]);
			// what is written now has all the later steps before it
			const unwritten = Object.entries(UNWRITTEN_BEFORE).filter(([, since]) => name < since);
			await fillTables(connection.sql, stage, Object.keys(Object.fromEntries(unwritten)));
			await kept.keep(connection.sql);
			if (stage === 0) busy.start();
		}
		await busy.stop();
		assert.deepEqual(busy.errors, []);
		assert.ok(busy.transactions > names.length, `${busy.transactions} transactions`);
		t.diagnostic(
			`${busy.transactions} transactions, the longest wait ${Math.round(busy.longestMs)} ms`
		);
		assert.ok(busy.longestMs < 2 * LOCK_TIMEOUT_MS, `somebody waited for ${busy.longestMs} ms`);
	});

	it('has every row it had, with every value', async () => {
		assert.ok(kept.size > names.length * 50, `${kept.size} rows`);
		assert.deepEqual(await kept.differences(connection.sql), []);
	});

	it('says what follows from its rows, and holds its constraints', async () => {
		assert.deepEqual(await findWrongRows(connection.sql), []);
	});

	it('is like one that was made today', async () => {
		assert.deepEqual(await tableForms(connection.db), await tableForms(server.db));
	});
});
