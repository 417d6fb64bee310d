import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { openTestDatabase, type TestDatabase } from '#lib/server/testing/test-database.ts';
import { foldTexts } from './fold-texts.ts';

const PLAIN = Array.from({ length: 127 }, (_, index) => String.fromCharCode(index + 1));
const TYPED = [
	'',
	'  ',
	"Rock & Roll's + Drum'n'Bass",
	'!!!',
	' \t!?\n\v.. ',
	'AC/DC',
	'(Remix) [2024]',
	'&',
	'+',
	"'",
	`${'& '.repeat(149)}end`,
	`${'a '.repeat(200)}end`,
	'!'.repeat(400),
	`${'!'.repeat(299)}ab`,
	`${'!'.repeat(300)}ab`,
	`${'!'.repeat(99)} !`,
	...PLAIN,
	...PLAIN.map((sign) => `a${sign}B${sign}${sign} ${sign}`),
	PLAIN.join('')
];

describe('the form in which names are compared', () => {
	let database: TestDatabase;
	before(async () => {
		database = await openTestDatabase();
	});
	after(() => database.close());

	it('is the same whether the database makes it or we do', async () => {
		const rows = await database.sql<{ folded: string }[]>`
			select search_fold(said) as folded
			from unnest(${TYPED}::text[]) with ordinality as given (said, place) order by place`;
		const kept = rows.map(({ folded }) => folded);
		const unasked = undefined as never;
		assert.deepEqual(await foldTexts(unasked, TYPED), kept);
	});

	it('is asked of the database for other letters', async () => {
		assert.deepEqual(await foldTexts(database.db, ['Beyoncé', 'Привет', 'plain']), [
			'beyonce',
			'privet',
			'plain'
		]);
	});
});
