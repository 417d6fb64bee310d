import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { type RawBuilder, sql, type Transaction } from 'kysely';
import { parseSearch, SEARCH_KINDS } from '#lib/search/search-query.ts';
import type { Database } from '#lib/server/db/schema.ts';
import { openTestDatabase, type TestDatabase } from '#lib/server/testing/test-database.ts';
import { artistsByText } from '#lib/server/artists/queries.ts';
import { foldQuery } from './folded-query.ts';
import { foldTexts, prepareSearch, tierQueries, TIERS } from './queries.ts';
import { search } from './search.ts';
import { fillLargeCatalogue } from './testing/large-catalogue.ts';

const TYPED = [
	...['l', 'lo', 'love', 'the', 'the lov', 'love night', 'silver garden', 'nihgt', 'shadwo'],
	...['w8f3', 'zzzzzz', 'person77', 'person77.example.social', 'artist:person77', 'tag:love rain'],
	...['golden empty broken silent', 'running with the wolves tonight', 'Лове', 'album:river the'],
	...['love tag:rain', 'burnign city', 'a', 'w', 'example', 'social']
];
const LIMIT_MS = 50;
/** To write down so many takes a while where other tests run beside it. */
const LIMIT_OF_ALL_MS = 400_000;

describe('searching a hundred thousand tracks', { timeout: LIMIT_OF_ALL_MS }, () => {
	let database: TestDatabase;
	before(async () => {
		database = await openTestDatabase();
		await fillLargeCatalogue(database.sql);
	});
	after(() => database.close());

	it('answers in less than 50 ms, but for one in twenty', async () => {
		for (const q of TYPED) await search(database, { q });
		const times: number[] = [];
		for (let round = 0; round < 4; round++) {
			for (const q of TYPED) {
				for (const kind of SEARCH_KINDS) {
					const begun = performance.now();
					await search(database, { q, kind });
					times.push(performance.now() - begun);
				}
			}
		}
		times.sort((a, b) => a - b);
		const p95 = times[Math.floor(times.length * 0.95)] ?? Infinity;
		assert.ok(p95 < LIMIT_MS, `p95 is ${p95.toFixed(1)} ms`);
	});

	it('reads no table from end to end, whatever is typed', async () => {
		await database.db.transaction().execute(async (trx) => {
			await prepareSearch(trx);
			for (const typed of TYPED) {
				const query = parseSearch(typed);
				const texts = [query.text, ...query.filters.map(({ value }) => value)];
				const folded = foldQuery(query, await foldTexts(trx, texts));
				for (const tier of Object.values(TIERS)) {
					const queries = tierQueries('track', folded, tier, { limit: 20 });
					for (const one of [queries?.popular, queries?.all]) {
						if (!one) continue;
						assert.doesNotMatch(await planOf(trx, one), /Seq Scan/, `${typed}, tier ${tier}`);
					}
				}
			}
		});
	});

	it('looks for people by what their handles and names begin with, in indexes', async () => {
		const found = await artistsByText(database.db, 'person77', 10).execute();
		assert.deepEqual(found[0]?.handle, 'person77.example.social');
		for (const typed of ['person77', 'w8f3', 'zzzzzz', 'si']) {
			const plan = await artistsByText(database.db, typed, 10).explain('json', sql`analyze`);
			assert.doesNotMatch(JSON.stringify(plan), /Seq Scan/, typed);
		}
	});

	it('finds common words among what is popular, rare ones by their index', async () => {
		await database.db.transaction().execute(async (trx) => {
			await prepareSearch(trx);
			const folded = foldQuery(parseSearch('love'), await foldTexts(trx, ['love']));
			const words = tierQueries('track', folded, TIERS.words, { limit: 20 });
			const nearly = tierQueries('track', folded, TIERS.nearly, { limit: 20 });
			const begins = tierQueries('track', folded, TIERS.begins, { limit: 20 });
			assert.ok(words?.popular && nearly && begins);
			assert.match(await planOf(trx, words.popular), /search_tracks_popularity/);
			assert.match(await planOf(trx, words.all), /search_tracks_words/);
			assert.match(await planOf(trx, begins.all), /search_tracks_name/);
			assert.match(await planOf(trx, nearly.all), /search_tracks_name_idx1/);
		});
	});

	it('writes a track down in little more time than without', async () => {
		const begun = performance.now();
		await database.sql`update tracks set title = title || ' again' where id in (
			select id from tracks order by id limit 200)`;
		const each = (performance.now() - begun) / 200;
		assert.ok(each < 10, `each takes ${each.toFixed(2)} ms`);
	});
});

async function planOf(trx: Transaction<Database>, query: RawBuilder<unknown>): Promise<string> {
	const { rows } = await sql<{ 'QUERY PLAN': string }>`explain ${query}`.execute(trx);
	return rows.map((row) => row['QUERY PLAN']).join('\n');
}
