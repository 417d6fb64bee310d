import assert from 'node:assert/strict';
import { it } from 'node:test';
import { openTestDatabase } from '#lib/server/testing/test-database.ts';
import { readConfig } from '#lib/server/config.ts';
import { connectDatabase } from './connect.ts';

it('a closed pool refuses queries at once, instead of holding the process', async () => {
	const database = await openTestDatabase();
	const pool = connectDatabase(database.address, readConfig({}).database);
	await pool.db.selectFrom('artists').selectAll().execute();
	await pool.close(1);
	await assert.rejects(pool.db.selectFrom('artists').selectAll().execute(), /destroyed/);
	await database.close();
});
