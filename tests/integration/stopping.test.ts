import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { DatabaseLine } from '#lib/server/testing/database-line.ts';
import { openTestDatabase, type TestDatabase } from '#lib/server/testing/test-database.ts';
import { startChild } from '../../dev/child.ts';
import { freePort } from '../free-port.ts';
import { addHold, waitForHeld } from './killable-worker.ts';
import { databaseEnvironment } from './database-environment.ts';
import { waitUntil } from './like-steps.ts';
import { type LocalSite, startLocalSite } from './local-site.ts';
import { becomeArtist, publishTrack, sendJson } from './published-music.ts';
import { Visitor } from './visitor.ts';

describe('a site that is stopped', { timeout: 120_000 }, () => {
	let database: TestDatabase;
	let env: ReturnType<typeof databaseEnvironment>;
	before(async () => {
		database = await openTestDatabase();
		env = databaseEnvironment(database);
	});
	after(() => database.close());

	const within = async (test: (site: LocalSite) => Promise<void>) => {
		const site = await startLocalSite(env);
		try {
			await test(site);
		} finally {
			await site.close();
		}
	};

	it('does first what it was asked to: a like under way is in the index, and said to be', () =>
		within(async (site) => {
			const alice = await becomeArtist(site.url, 'alice');
			const trackId = await publishTrack(alice, { title: 'a song' });
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
		}));

	it('ends a stream that begins while it waits for what is under way, and cuts it not off', () =>
		within(async (site) => {
			const carol = new Visitor(site.url);
			await carol.signIn('carol');
			// until then nobody is known to be signed in
			const held = Promise.withResolvers<undefined>();
			const isHeld = Promise.withResolvers<undefined>();
			const holding = database.sql.begin(async (trx) => {
				await trx`lock table sessions in access exclusive mode`;
				isHeld.resolve(undefined);
				await held.promise;
			});
			await isHeld.promise;
			const opened = carol.open('/api/queue/events');
			await waitUntil('somebody waits for it', async () => {
				const rows = await database.sql`
					select 1 from pg_locks where relation = 'sessions'::regclass and not granted`;
				return rows.length > 0;
			});
			const stopped = site.stop();
			// later than streams are ended for the second time
			await sleep(900);
			held.resolve(undefined);
			await holding;
			const answer = await opened;
			assert.equal(answer.status, 200);
			assert.match(await answer.text(), /^retry: \d+\n\n$/);
			await stopped;
			assert.match(site.output(), /"event":"stopped"/);
		}));

	it('is cut off after eight seconds when the database says nothing any more', () =>
		within(async (site) => {
			const line = new DatabaseLine(database.address);
			const { user, database: name } = database.address;
			const port = String(await freePort());
			const url = `postgres://${user}@127.0.0.1:${await line.open()}/${name}`;
			const other = { ...site.env, PORT: port, ROLES: 'web', DATABASE_URL: url };
			const child = startChild(['src/server.ts'], other);
			let said = '';
			child.stdout.setEncoding('utf8').on('data', (text: string) => (said += text));
			child.stderr.resume();
			try {
				await waitUntil('it listens', () => Promise.resolve(said.includes('"event":"listening"')));
				line.isSilent = true;
				const startedAt = performance.now();
				const exit = await child.stop(15_000);
				const seconds = (performance.now() - startedAt) / 1000;
				assert.deepEqual(exit, { code: 1, signal: null });
				assert.ok(seconds > 7.5 && seconds < 9.5, `${seconds.toFixed(1)} s`);
				assert.match(said, /"event":"stopping"/);
				assert.doesNotMatch(said, /"event":"stopped"/);
			} finally {
				await child.stop(0);
				line.isSilent = false;
				line.close();
			}
		}));
});
