import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import postgres from 'postgres';
import { openTestDatabase, type TestDatabase } from '#lib/server/testing/test-database.ts';
import { databaseEnvironment } from './database-environment.ts';
import { type LocalSite, startLocalSite } from './local-site.ts';
import { Visitor } from './visitor.ts';

describe('the limits of the site', () => {
	let database: TestDatabase;
	let site: LocalSite;
	let sql: postgres.Sql;
	before(async () => {
		database = await openTestDatabase();
		sql = database.sql;
		site = await startLocalSite({
			...databaseEnvironment(database),
			TRUSTED_PROXY_COUNT: '1'
		});
	});
	after(async () => {
		await site.close();
		await database.close();
	});

	/** As if so much had been done just now. */
	const use = async (key: string, amount: number, minutes = 1) => {
		await sql`
			insert into rate_windows (key, window_start, amount)
			select ${key}, date_bin(make_interval(mins => ${minutes}), now(), 'epoch'::timestamptz) + n * make_interval(mins => ${minutes}), ${amount}
			from generate_series(0, 1) n
			on conflict (key, window_start) do update set amount = excluded.amount`;
	};
	const from = (address: string, init: RequestInit = {}) => ({
		...init,
		redirect: 'manual' as const,
		headers: {
			origin: site.url,
			accept: 'text/html',
			'x-forwarded-for': address,
			...(init.headers as Record<string, string> | undefined)
		}
	});
	const signIn = (address: string, headers: Record<string, string> = {}) =>
		fetch(
			`${site.url}/login`,
			from(address, { method: 'POST', headers, body: new URLSearchParams({ handle: 'x' }) })
		);

	it('answers with a page that says when to go on, and leaves other addresses alone', async () => {
		await use('sign_in:203.0.113.9', 60, 10);
		const refused = await signIn('203.0.113.9');
		assert.equal(refused.status, 429);
		const seconds = Number(refused.headers.get('retry-after'));
		assert.ok(seconds > 0 && seconds <= 1200, String(seconds));
		assert.match(refused.headers.get('content-security-policy') ?? '', /default-src 'none'/);
		assert.ok(refused.headers.get('x-request-id'));
		const page = await refused.text();
		assert.match(
			page,
			/<p>there were too many sign-ins from your network in the last ten minutes\. go on in \d+ (minutes, at \d\d:\d\d utc|seconds?)<\/p>/
		);
		assert.equal((await signIn('203.0.113.10')).status, 303);
		const start = `${site.url}/auth/start?handle=x`;
		assert.equal((await fetch(start, from('203.0.113.9'))).status, 429);
	});

	it('believes of x-forwarded-for what its own proxy wrote, and nothing else', async () => {
		await use('sign_in:203.0.113.20', 60, 10);
		assert.equal((await signIn('198.51.100.1, 203.0.113.20')).status, 429);
		assert.equal((await signIn('203.0.113.20, 198.51.100.1')).status, 303);
		await use('sign_in:2001:db8:1:2::/64', 60, 10);
		assert.equal((await signIn('2001:db8:1:2:ffff::1')).status, 429);
		assert.equal((await signIn('2001:db8:1:3:ffff::1')).status, 303);
	});

	it('answers scripts of a form in the way they understand', async () => {
		const refused = await signIn('203.0.113.9', {
			'x-sveltekit-action': 'true',
			accept: 'application/json'
		});
		assert.equal(refused.status, 429);
		const body = (await refused.json()) as { type: string; error: { message: string } };
		assert.equal(body.type, 'error');
		assert.match(body.error.message, /go on in/);
	});

	it('keeps one server from being asked all the time, whoever asks', async () => {
		await use('sign_in_handle:alice.test', 30, 10);
		const body = () => new URLSearchParams({ handle: '@alice.test' });
		const refused = await fetch(
			`${site.url}/login`,
			from('203.0.113.30', { method: 'POST', body: body() })
		);
		assert.equal(refused.status, 429);
		assert.ok(Number(refused.headers.get('retry-after')) > 0);
		assert.match(await refused.text(), /too many sign-ins with this handle/);
		await sql`delete from rate_windows`;
	});

	it('counts a signed-in person wherever they are, and answers programs in json', async () => {
		const alice = new Visitor(site.url);
		await alice.signIn('alice');
		const change = () =>
			alice.open('/api/artists/me', {
				method: 'PUT',
				headers: { origin: site.url, 'content-type': 'application/json' },
				body: '{}'
			});
		assert.notEqual((await change()).status, 429);
		const [row] = await sql`select key from rate_windows where key like 'changes:did:%'`;
		assert.ok(row);
		await use(String(row['key']), 300);
		const refused = await change();
		assert.equal(refused.status, 429);
		const body = (await refused.json()) as Record<string, unknown>;
		assert.equal(body['code'], 'limit_reached');
		assert.match(
			String(body['detail']),
			/^you have changed something 300 times in the last minute/
		);
		assert.equal(String(body['retry_after_seconds']), refused.headers.get('retry-after'));
		// reading is not limited
		assert.equal((await alice.open('/')).status, 200);
		assert.equal((await alice.open('/api/tracks')).status, 200);
		await sql`delete from rate_windows`;
	});

	it('counts who comes back from a PDS, whose pictures we are to fetch, and who only asks for the head', async () => {
		await use('sign_in_back:203.0.113.40', 120, 10);
		const back = `${site.url}/auth/callback?code=x&state=y`;
		assert.equal((await fetch(back, from('203.0.113.40'))).status, 429);
		assert.equal((await fetch(back, from('203.0.113.41'))).status, 303);
		await use('shared_pages:203.0.113.40', 600);
		for (const method of ['GET', 'HEAD']) {
			const card = await fetch(`${site.url}/og/track/1.jpg`, from('203.0.113.40', { method }));
			assert.equal(card.status, 429, method);
		}
		const alice = new Visitor(site.url);
		await alice.signIn('alice');
		const [row] = await sql`select did from sessions where handle = 'alice.test'`;
		await use(`fetched_pictures:${String(row?.['did'])}`, 30, 10);
		const refused = await alice.open('/api/artists', {
			method: 'POST',
			headers: { origin: site.url, 'content-type': 'application/json' },
			body: JSON.stringify({ display_name: 'alice', avatar_url: 'https://example.org/a.png' })
		});
		assert.equal(refused.status, 429);
		assert.match(await refused.text(), /you have named 30 pictures elsewhere/);
		await sql`delete from rate_windows`;
	});

	it('ends a stream of progress at the sign-out, and when the session runs out', async () => {
		for (const end of ['sign-out', 'expiry']) {
			const visitor = new Visitor(site.url);
			await visitor.signIn('bob');
			if (end === 'expiry') {
				await sql`update sessions set expires_at = now() + interval '3 seconds'`;
			}
			const stream = await visitor.open('/api/uploads/events');
			assert.equal(stream.status, 200, end);
			const reader = stream.body?.getReader();
			assert.ok(reader);
			const startedAt = performance.now();
			const ended = (async () => {
				while (!(await reader.read()).done);
				return performance.now() - startedAt;
			})();
			if (end === 'sign-out') await visitor.submit('/auth/logout', {});
			const ms = await Promise.race([ended, new Promise((resolve) => setTimeout(resolve, 10_000))]);
			assert.ok(typeof ms === 'number', `${end}: it goes on`);
			assert.equal((await visitor.open('/api/uploads/events')).status, 401);
		}
	});
});
