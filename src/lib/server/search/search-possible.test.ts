import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { Kysely } from 'kysely';
import { openTestDatabase, type TestDatabase } from '#lib/server/testing/test-database.ts';
import { up as fillIn } from '../../../../migrations/20261128T044501-search-possible.ts';
import { SmallCatalogue } from './testing/small-catalogue.ts';

describe('what a search may find by words', () => {
	let database: TestDatabase;
	before(async () => {
		database = await openTestDatabase();
		await new SmallCatalogue(database.db).fill();
	});
	after(() => database.close());

	async function possible(
		whole: string[] | null,
		begun: string | null,
		joined: string | null = null
	): Promise<string | null> {
		const [row] = await database.sql<{ possible: string | null }[]>`
			select search_possible(${whole}, ${begun}, ${joined})::text as possible`;
		return row?.possible ?? null;
	}

	it('is each word that begins so', async () => {
		assert.equal(
			await possible([], 'harb'),
			`'harborsong' | 'harbor' | 'harbour' | 'harbourlights'`.split(' | ').toSorted().join(' | ')
		);
		assert.equal(await possible(['old'], 'harbou'), `'old' & ( 'harbour' | 'harbourlights' )`);
	});

	it('is nothing as soon as one word is nowhere', async () => {
		assert.equal(await possible(['old', 'harbuor'], null), null);
		assert.equal(await possible(['nowhere'], 'harb'), null);
		assert.equal(await possible(['old'], 'harbx'), null);
		assert.equal(await possible(null, null), null);
	});

	it('is also all of them written as one', async () => {
		assert.equal(
			await possible(['night', 'shift'], null, 'nightshift'),
			`'night' & 'shift' | 'nightshift'`
		);
		assert.equal(await possible(['over', 'kill'], null, 'overkill'), `'overkill'`);
	});

	it('knows the words of people who are featured, of handles and of tags', async () => {
		for (const word of ['guesty', 'guestexample', 'motortest', 'dub', '#drumandbass']) {
			assert.equal(await possible([word], null), `'${word}'`);
		}
	});

	it('is a beginning again where very many words begin so', async () => {
		await database.sql`
			insert into search_lexemes select 'many' || number from generate_series(100, 164) number`;
		assert.equal(await possible(['old'], 'many'), `'old' & 'many':*`);
		assert.equal(
			await possible(['old'], 'many10'),
			`'old' & ( ${[0, 1, 2, 3, 4, 5, 6, 7, 8, 9].map((digit) => `'many10${digit}'`).join(' | ')} )`
		);
	});

	it('was filled in for what there was before', async () => {
		const words = async () =>
			(await database.sql`select word from search_lexemes where word !~ '^many' order by word`).map(
				({ word }) => String(word)
			);
		const kept = await words();
		await database.sql`delete from search_lexemes`;
		await database.sql`drop function search_possible`;
		await fillIn(database.db as unknown as Kysely<unknown>);
		assert.ok(kept.length > 40);
		assert.deepEqual(await words(), kept);
	});
});
