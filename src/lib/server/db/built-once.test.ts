import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { sql } from 'kysely';
import { openTestDatabase, type TestDatabase } from '#lib/server/testing/test-database.ts';
import { builtOnce } from './built-once.ts';
import type { Db } from './connect.ts';

describe('a query that is built once', () => {
	let database: TestDatabase;
	before(async () => {
		database = await openTestDatabase();
	});
	after(() => database.close());

	it('is asked with other values each time, in whatever order they stand', async () => {
		let built = 0;
		const read = builtOnce((_db: Db, numbers: readonly number[], word: string) => {
			built++;
			return sql<{ said: string }>`
				select ${word}::text || ${'-'}::text || ${word}::text || number as said
				from unnest(${numbers}::integer[]) number order by number`;
		});
		const answers = await Promise.all([
			read(database.db, [1, 2], 'one'),
			read(database.db, [3], 'two'),
			read(database.db, [], 'three')
		]);
		assert.deepEqual(
			answers.map((rows) => rows.map(({ said }) => said)),
			[['one-one1', 'one-one2'], ['two-two3'], []]
		);
		assert.equal(built, 1);
	});

	it('is asked within a transaction as well', async () => {
		const read = builtOnce((db: Db, did: string) =>
			db.selectFrom('artists').select('did').where('did', '=', did)
		);
		const did = 'did:plc:built';
		await database.db.transaction().execute(async (trx) => {
			assert.deepEqual(await read(trx, did), []);
			await trx
				.insertInto('artists')
				.values({ did, handle: 'built.example.social', display_name: 'built' })
				.execute();
			assert.deepEqual(await read(trx, did), [{ did }]);
			assert.deepEqual(await read(database.db, did), []);
		});
	});
});
