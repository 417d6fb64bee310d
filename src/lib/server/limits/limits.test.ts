import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { readConfig } from '#lib/server/config.ts';
import { connectDatabase, type DatabaseConnection } from '#lib/server/db/connect.ts';
import { DomainError } from '#lib/server/errors.ts';
import { openTestDatabase, type TestDatabase } from '#lib/server/testing/test-database.ts';
import { LIMITS, sweepLimits, takeFromLimit } from './limits.ts';
import { addToWindow, LONGEST_WINDOW_SECONDS } from './queries.ts';

describe('a limit over time', () => {
	let database: TestDatabase;
	let other: DatabaseConnection;
	before(async () => {
		database = await openTestDatabase();
		other = connectDatabase(database.address, readConfig({}).database);
	});
	after(async () => {
		await other.close();
		await database.close();
	});

	const refusal = async (promise: Promise<void>) => {
		const cause: unknown = await promise.then(
			() => assert.fail('it was let through'),
			(reason: unknown) => reason
		);
		assert.ok(cause instanceof DomainError);
		return cause;
	};

	it('refuses what is too much, and says for how long', async () => {
		const key = 'did:plc:a';
		await takeFromLimit(database, { name: 'changes', key, amount: LIMITS.changes.most });
		const refused = await refusal(takeFromLimit(database, { name: 'changes', key }));
		assert.equal(refused.status, 429);
		assert.equal(refused.code, 'limit_reached');
		assert.match(
			refused.message,
			/^you have changed something 300 times in the last minute\. go on in \d+ (seconds|minutes)/
		);
		const seconds = refused.retryAfterSeconds ?? 0;
		assert.ok(seconds >= 1 && seconds <= 120, String(seconds));
		// somebody else's part is untouched, and so is another limit
		await takeFromLimit(database, { name: 'changes', key: 'did:plc:b' });
		await takeFromLimit(database, { name: 'search', key });
	});

	it('is shared by all processes, also when they ask at the same moment', async () => {
		const window = { key: 'shared', windowSeconds: 3600, most: 50, amount: 1 };
		const asked = await Promise.all(
			Array.from({ length: 120 }, (_, i) =>
				addToWindow(i % 2 === 0 ? database.db : other.db, window)
			)
		);
		// an hour may have begun in between
		const taken = asked.filter(({ isAdded }) => isAdded).length;
		assert.equal(taken, 50);
	});

	it('asks nobody about the first few searches, and counts them with the others', async () => {
		const key = 'somebody who searches';
		const search = () => takeFromLimit(database, { name: 'search', key });
		const counted = async () =>
			(await database.sql`select amount from rate_windows where key = ${`search:${key}`}`).map(
				({ amount }) => Number(amount)
			);
		for (let one = 0; one < LIMITS.search.few; one++) await search();
		assert.deepEqual(await counted(), []);
		await search();
		assert.deepEqual(await counted(), [LIMITS.search.few + 1]);
		const others = LIMITS.search.most - LIMITS.search.few - 1;
		await takeFromLimit(database, { name: 'search', key, amount: others });
		assert.equal((await refusal(search())).code, 'limit_reached');
	});

	it('lets go on when the time has passed', async () => {
		const window = { key: 'short', windowSeconds: 1, most: 2, amount: 2 };
		assert.equal((await addToWindow(database.db, window)).isAdded, true);
		assert.equal((await addToWindow(database.db, window)).isAdded, false);
		await sleep(2_050);
		assert.equal((await addToWindow(database.db, window)).isAdded, true);
	});

	it('counts what was done just before its window began', async () => {
		const { db } = database;
		const window = { key: 'edge', windowSeconds: 3600, most: 100, amount: 1 };
		const { elapsed } = await addToWindow(db, { ...window, key: 'clock' });
		await database.sql`
			insert into rate_windows (key, window_start, amount)
			values ('edge', date_bin('1 hour', now(), 'epoch'::timestamptz) - interval '1 hour', 100)`;
		const left = Math.floor(elapsed * 100);
		let taken = 0;
		while ((await addToWindow(db, window)).isAdded) taken++;
		assert.ok(Math.abs(taken - left) <= 1, `${taken} of ${left}`);
	});

	it('keeps no window longer than it counts', async () => {
		assert.ok(
			Object.values(LIMITS).every((limit) => limit.windowSeconds <= LONGEST_WINDOW_SECONDS)
		);
		await database.sql`
			insert into rate_windows (key, window_start, amount)
			values ('old', now() - interval '3 hours', 1), ('young', now() - interval '1 hour', 1)`;
		await sweepLimits(database);
		const keys = await database.sql`select key from rate_windows where key in ('old', 'young')`;
		assert.deepEqual(
			keys.map((row) => String(row['key'])),
			['young']
		);
	});
});
