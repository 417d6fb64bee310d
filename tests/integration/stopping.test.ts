import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { openTestDatabase, type TestDatabase } from '#lib/server/testing/test-database.ts';
import { addHold, waitForHeld } from './killable-worker.ts';
import { databaseEnvironment } from './database-environment.ts';
import { type LocalSite, startLocalSite } from './local-site.ts';
import { becomeArtist, publishTrack, sendJson } from './published-music.ts';
import { Visitor } from './visitor.ts';

describe('a site that is stopped', { timeout: 120_000 }, () => {
	let database: TestDatabase;
	let site: LocalSite;
	before(async () => {
		database = await openTestDatabase();
		site = await startLocalSite(databaseEnvironment(database));
	});
	after(async () => {
		await site.close();
		await database.close();
	});

	it('does first what it was asked to: a like under way is in the index, and said to be', async () => {
		const trackId = await publishTrack(await becomeArtist(site.url, 'alice'), { title: 'a song' });
		const bob = new Visitor(site.url);
		await bob.signIn('bob');
		const hold = await addHold(database, 'like', 'insert on likes');
		const release = await hold();
		const liked = sendJson(bob, 'POST', `/api/tracks/${trackId}/like`, {});
		await waitForHeld(database);
		const stopped = site.stop();
		await sleep(800);
		await release();
		const answer = await liked;
		assert.equal(answer.status, 200, await answer.text());
		await stopped;
		const rows = await database.sql`select like_count from tracks where id = ${trackId}`;
		assert.deepEqual([...rows], [{ like_count: 1 }]);
		assert.match(site.output(), /"event":"stopped"/);
	});
});
