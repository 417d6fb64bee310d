import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { after, before, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { DatabaseLine } from '#lib/server/testing/database-line.ts';
import { openTestDatabase, type TestDatabase } from '#lib/server/testing/test-database.ts';
import { type LocalSite, startLocalSite } from './local-site.ts';
import { Visitor } from './visitor.ts';

/** Connecting or being answered: a second each here, and two more for a server that is merely slow. */
const LIMIT_MS = 6_000;

describe('a site whose database says nothing any more', () => {
	let database: TestDatabase;
	let line: DatabaseLine;
	let site: LocalSite;
	before(async () => {
		database = await openTestDatabase();
		line = new DatabaseLine(database.address);
		const { user, database: name } = database.address;
		site = await startLocalSite({
			DATABASE_URL: `postgres://${user}@127.0.0.1:${await line.open()}/${name}`,
			DATABASE_STATEMENT_TIMEOUT_SECONDS: '1',
			DATABASE_CONNECTION_TIMEOUT_SECONDS: '1',
			OAUTH_ENCRYPTION_KEY: randomBytes(32).toString('base64')
		});
	});
	after(async () => {
		line.isSilent = false;
		await site.close();
		line.close();
		await database.close();
	});

	it('says so in bounded time, to people and to programs, and is back when it speaks', async () => {
		const alice = new Visitor(site.url);
		await alice.signIn('alice');
		line.isSilent = true;
		const asked = ['/', '/portal', '/api/tracks', '/api/auth/me', '/ready'];
		const startedAt = performance.now();
		const answers = await Promise.all(
			asked.map(async (path) => {
				const answer = await alice.open(path);
				return { path, status: answer.status, text: await answer.text() };
			})
		);
		const ms = performance.now() - startedAt;
		assert.ok(ms < LIMIT_MS, `${Math.round(ms)} ms`);
		for (const { path, status, text } of answers) {
			assert.equal(status, 503, `${path}: ${text.slice(0, 300)}`);
			if (path !== '/ready') assert.match(text, /the database does not answer/, path);
		}
		const health = await fetch(`${site.url}/health`);
		assert.deepEqual([health.status, (await health.text()).length > 0], [200, true]);
		line.isSilent = false;
		let status = 503;
		for (let i = 0; i < 100 && status !== 200; i++) {
			await sleep(100);
			const answer = await alice.open('/').catch((cause: unknown) => {
				throw new Error(`no answer: ${site.output().slice(-3_000)}`, { cause });
			});
			await answer.text();
			({ status } = answer);
		}
		assert.equal(status, 200);
	});
});
