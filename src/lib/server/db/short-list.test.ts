import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { sql } from 'kysely';
import { openTestDatabase, type TestDatabase } from '#lib/server/testing/test-database.ts';
import { builtOnce } from './built-once.ts';
import type { Db } from './connect.ts';
import { shortList } from './short-list.ts';

interface Prepared {
	custom_plans: number;
	generic_plans: number;
}

describe('a short list', () => {
	let database: TestDatabase;
	before(async () => {
		database = await openTestDatabase();
		await database.sql`create table listed as select one::text as name from generate_series(1, 5000) one`;
		await database.sql`create unique index on listed (name)`;
		await database.sql`analyze listed`;
	});
	after(() => database.close());

	/** How often a query of its own was planned, in twenty times. */
	async function plansOf(mark: string, names: readonly string[]): Promise<Prepared> {
		const read = builtOnce(
			(_db: Db, wanted: readonly string[]) => sql<{ name: string }>`
				select name, ${sql.lit(mark)} as mark from listed where name = any(${wanted}::text[])`
		);
		return await database.db.connection().execute(async (db) => {
			for (let time = 0; time < 20; time++) {
				assert.deepEqual(
					(await read(db, names)).map(({ name }) => name),
					['7']
				);
			}
			const { rows } = await sql<Prepared>`
				select custom_plans::int, generic_plans::int from pg_prepared_statements
				where statement like ${`%'${mark}' as mark%`}`.execute(db);
			return rows[0] ?? assert.fail('it was not prepared');
		});
	}

	it('is planned once for all', async () => {
		assert.deepEqual(await plansOf('short', shortList(['7'])), {
			custom_plans: 5,
			generic_plans: 15
		});
	});

	it('would be planned each time as it is', async () => {
		assert.deepEqual(await plansOf('plain', ['7']), { custom_plans: 20, generic_plans: 0 });
	});

	it('has its values and no others, however many there are', () => {
		const many = Array.from({ length: 12 }, (_, index) => index);
		assert.deepEqual(shortList(many), many);
		assert.deepEqual([...new Set(shortList([1, 2]))], [1, 2]);
		assert.deepEqual(shortList([]), []);
	});
});
