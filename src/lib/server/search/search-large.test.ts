import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { type RawBuilder, sql } from 'kysely';
import { parseSearch, SEARCH_KINDS, type SearchKind } from '#lib/search/search-query.ts';
import type { Db } from '#lib/server/db/connect.ts';
import { artistsByText } from '#lib/server/artists/queries.ts';
import { openTestDatabase, type TestDatabase } from '#lib/server/testing/test-database.ts';
import { foldTexts } from './fold-texts.ts';
import { type FoldedQuery, foldQuery } from './folded-query.ts';
import { searchQuery, TIERS } from './queries.ts';
import { fillLargeCatalogue } from './testing/large-catalogue.ts';

const TYPED = [
	...['l', 'lo', 'love', 'the', 'the lov', 'love night', 'silver garden', 'nihgt', 'shadwo'],
	...['w8f3', 'zzzzzz', 'person77', 'person77.example.social', 'artist:person77', 'tag:love rain'],
	...['golden empty broken silent', 'running with the wolves tonight', 'Лове', 'album:river the'],
	...['love tag:rain', 'burnign city', 'a', 'w', 'example', 'social']
];
/** Of all kinds and steps together, of 130,000. */
const MOST_ROWS = 10_000;
/** Whatever fits, what nearly does is looked for. */
const NEARLY = { tier: TIERS.nearly, popularity: 32767, created_at: new Date(0), ref: '' };
/** To write down so many takes a while where other tests run beside it. */
const LIMIT_OF_ALL_MS = 400_000;

describe('searching a hundred thousand tracks', { timeout: LIMIT_OF_ALL_MS }, () => {
	let database: TestDatabase;
	before(async () => {
		database = await openTestDatabase();
		await fillLargeCatalogue(database.sql);
	});
	after(() => database.close());

	it('reads no table from end to end, and few rows, whatever is typed', async () => {
		for (const typed of TYPED) {
			const query = parseSearch(typed);
			const texts = [query.text, ...query.filters.map(({ value }) => value)];
			const folded = foldQuery(query, await foldTexts(database.db, texts));
			for (const after of [undefined, NEARLY]) {
				const { whole, rows } = await readBy(
					database.db,
					searchQuery(database.db, SEARCH_KINDS, folded, { limit: 20, after })
				);
				assert.equal(whole, 0, typed);
				assert.ok(rows < MOST_ROWS, `${rows} rows are read for ${typed}`);
			}
		}
	});

	it('looks for people by what their handles and names begin with, in indexes', async () => {
		const found = await artistsByText(database.db, 'person77', 10).execute();
		assert.deepEqual(found[0]?.handle, 'person77.example.social');
		for (const typed of ['person77', 'w8f3', 'zzzzzz', 'si']) {
			const plan = await artistsByText(database.db, typed, 10).explain('json', sql`analyze`);
			assert.doesNotMatch(JSON.stringify(plan), /Seq Scan/, typed);
		}
	});

	it('finds the same, in the same order, as asking every row', async () => {
		for (const typed of TYPED.filter((one) => !one.includes(':'))) {
			const folded = foldQuery(parseSearch(typed), await foldTexts(database.db, [typed]));
			for (const kind of SEARCH_KINDS) {
				const page = { limit: 40 };
				const { rows } = await searchQuery(database.db, [kind], folded, page).execute(database.db);
				const fitting = (rows[0]?.entries ?? []).filter(({ tier }) => tier !== TIERS.nearly);
				assert.deepEqual(
					fitting.map(({ tier, ref }) => `${tier} ${ref}`),
					await askEveryRow(database.db, kind, folded),
					`${kind} ${typed}`
				);
			}
		}
	});

	it('writes a track down in little more time than without', async () => {
		const begun = performance.now();
		await database.sql`update tracks set title = title || ' again' where id in (
			select id from tracks order by id limit 200)`;
		const each = (performance.now() - begun) / 200;
		assert.ok(each < 10, `each takes ${each.toFixed(2)} ms`);
	});
});

/** The rule as it is said, without any haste. */
async function askEveryRow(db: Db, kind: SearchKind, { name, words }: FoldedQuery) {
	const begun = words?.begun ? [`${words.begun}:*`] : [];
	const each = [...(words?.whole ?? []), ...begun].join(' & ');
	const fitting = words && (words.joined ? `(${each}) | ${words.joined}` : each);
	const { rows } = await sql<{ place: string }>`
		select tier || ' ' || ref as place from (select *, case
			when name = ${name} or handle = ${name} then 1
			when starts_with(name, ${name}) or starts_with(handle, ${name}) then 2
			when words @@ ${fitting}::tsquery then 3 end as tier
			from search_entries where kind = ${kind}) entries
		where tier is not null
		order by tier, popularity desc, created_at desc, ref desc limit 41`.execute(db);
	return rows.map(({ place }) => place);
}

/** How many rows a query takes from tables, also within functions, and how many tables it reads from end to end. */
async function readBy(db: Db, query: RawBuilder<unknown>) {
	return await db.transaction().execute(async (trx) => {
		const readUntilNow = sql<{ whole: number; rows: number }>`
			select sum(seq_scan)::integer as whole, sum(idx_tup_fetch)::integer as rows
			from pg_stat_xact_user_tables where relname like 'search%'`;
		const [before] = (await readUntilNow.execute(trx)).rows;
		await query.execute(trx);
		const [after] = (await readUntilNow.execute(trx)).rows;
		assert.ok(before && after);
		return { whole: after.whole - before.whole, rows: after.rows - before.rows };
	});
}
