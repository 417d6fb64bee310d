import assert from 'node:assert/strict';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { hashSecretId } from '#lib/server/auth/secret-id.ts';
import { readConfig } from '#lib/server/config.ts';
import { connectDatabase } from '#lib/server/db/connect.ts';
import { runPlyr } from '../../src/cli/run-plyr.ts';
import { type LocalSite, startLocalSite } from './local-site.ts';
import { becomeArtist, publishTrack } from './published-music.ts';
import { locationOf, Visitor } from './visitor.ts';

const FIREFOX = 'Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0';
const SAFARI =
	'Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.0 Mobile/15E148 Safari/604.1';

describe('what people see of their sign-ins', { timeout: 180_000 }, () => {
	let site: LocalSite;
	let connection: ReturnType<typeof connectDatabase>;
	before(async () => {
		site = await startLocalSite();
		const host = path.join(site.dataDir, 'postgres/s');
		const address = { host, port: 5432, user: 'plyr', database: 'postgres' };
		connection = connectDatabase(address, readConfig({}).database);
	});
	after(async () => {
		await connection.close();
		await site.close();
	});

	async function signedIn(name: string, userAgent = FIREFOX): Promise<Visitor> {
		const visitor = new Visitor(site.url);
		visitor.userAgent = userAgent;
		await visitor.signIn(name);
		return visitor;
	}
	const whoIs = (visitor: Visitor) => visitor.open('/api/auth/me');
	const pageOf = async (visitor: Visitor) => (await visitor.open('/settings/sign-ins')).text();
	/** The ids of the sign-ins a page offers to end. */
	const idsIn = (html: string) =>
		Array.from(html.matchAll(/name="id" value="([0-9a-f]{16})"/g), (match) => match[1] ?? '');

	it('are listed by device, and one of them is this one', async () => {
		const laptop = await signedIn('carol');
		await signedIn('carol', SAFARI);
		const html = await pageOf(laptop);
		assert.match(
			html,
			/firefox on linux(?:\s|<!--.{0,9}-->)*<span class="mark[^>]*>this one<\/span>/
		);
		assert.match(html, /safari on iphone/);
		assert.match(html, /within the last two hours/);
		assert.equal(idsIn(html).length, 1, 'this one is signed out by its own button');
	});

	it('end one by one, at once, with what is open there', async () => {
		const laptop = await signedIn('bob');
		const phone = await signedIn('bob', SAFARI);
		const stream = await phone.open('/api/queue/events', {
			headers: { accept: 'text/event-stream' }
		});
		assert.equal(stream.status, 200);
		const ended = stream.text();
		const [id = ''] = idsIn(await pageOf(laptop));
		const stranger = await signedIn('carol');
		const refused = await stranger.submit('/settings/sign-ins?/one', { id });
		assert.match(await refused.text(), /that sign-in has ended already/);
		assert.equal((await whoIs(phone)).status, 200, 'nobody ends what is not theirs');
		const out = await laptop.submit('/settings/sign-ins?/one', { id });
		assert.equal(locationOf(out), '/settings/sign-ins');
		await ended;
		assert.equal((await whoIs(phone)).status, 401);
		assert.equal((await whoIs(laptop)).status, 200);
	});

	it('end everywhere else, and everywhere, with the grant', async () => {
		const laptop = await signedIn('carol');
		const phone = await signedIn('carol', SAFARI);
		await laptop.submit('/settings/sign-ins?/others', {});
		assert.equal((await whoIs(phone)).status, 401);
		const { did } = (await (await whoIs(laptop)).json()) as { did: string };
		const out = await laptop.submit('/settings/sign-ins?/all', {});
		assert.equal(locationOf(out), '/');
		assert.ok(!laptop.cookies.has('session_id'));
		const left = await connection.db
			.selectFrom('oauth_sessions')
			.select('did')
			.where('did', '=', did)
			.execute();
		assert.deepEqual(left, [], 'the PDS was told, and nothing is kept');
	});

	it('can be ended by the operator', async () => {
		const laptop = await signedIn('bob');
		await signedIn('bob', SAFARI);
		const env = { ...process.env, DATA_DIR: site.dataDir, PORT: new URL(site.url).port };
		const plyr = async (...args: string[]) => {
			const lines: string[] = [];
			const network = {
				ATPROTO_APP_NAMESPACE: 'fm.plyr.dev',
				ATPROTO_PLC_URL: site.network.plcUrl,
				ATPROTO_HANDLE_RESOLVER_URL: site.network.pdsUrl,
				DEV_ALLOW_INSECURE_NETWORK: 'true'
			};
			const say = (line: string) => lines.push(line);
			const code = await runPlyr(args, { env: { ...env, ...network }, say });
			return { code, lines };
		};
		const { lines } = await plyr('user', 'sessions', 'bob.test');
		const phone = lines.find((line) => line.includes('safari on iphone')) ?? '';
		assert.match(phone, /^[0-9a-f]{16} {2}safari on iphone, since 2/);
		const [id = ''] = phone.split(' ');
		assert.deepEqual(await plyr('user', 'sessions', 'bob.test', '--revoke', id), {
			...{ code: 0, lines: ['signed out there'] }
		});
		assert.equal((await plyr('user', 'sessions', 'bob.test', '--revoke', id)).code, 1);
		assert.equal((await whoIs(laptop)).status, 200);
		const all = await plyr('user', 'sessions', 'bob.test', '--revoke-all');
		assert.match(all.lines[0] ?? '', /^signed out in [1-9]\d* places$/);
		assert.equal((await whoIs(laptop)).status, 401);
		assert.equal((await plyr('user', 'sessions', 'nobody.test')).code, 2);
	});

	describe('a token for programs', () => {
		let alice: Visitor;
		let trackId: number;
		before(async () => {
			alice = await becomeArtist(site.url, 'alice');
			trackId = await publishTrack(alice, { title: 'low water' });
		});

		async function makeToken(scope: string, name: string, days = '90'): Promise<string> {
			const answer = await alice.submit('/settings/tokens?/make', { name, scope, days });
			const html = await answer.text();
			assert.equal(answer.status, 200, html.slice(0, 200));
			assert.match(answer.headers.get('cache-control') ?? '', /no-store/);
			const token = /plyr_[A-Za-z0-9_-]{59}/.exec(html)?.[0];
			assert.ok(token, 'it is shown');
			return token;
		}
		const use = (token: string, target: string, init: RequestInit = {}) => {
			const headers = new Headers(init.headers);
			headers.set('authorization', `Bearer ${token}`);
			return fetch(new URL(target, site.url), { ...init, redirect: 'manual', headers });
		};
		const like = (token: string, method = 'POST', headers: Record<string, string> = {}) =>
			use(token, `/api/tracks/${trackId}/like`, { method, headers });

		it('is shown once, and kept as a hash', async () => {
			const token = await makeToken('read', 'my player');
			const page = await (await alice.open('/settings/tokens')).text();
			assert.match(page, /my player/);
			assert.doesNotMatch(page, /plyr_/);
			const rows = await connection.db.selectFrom('developer_tokens').selectAll().execute();
			assert.ok(!JSON.stringify(rows).includes(token.slice(21)));
			assert.equal(rows[0]?.secret_hash, hashSecretId(token.slice(21)));
			const again = await alice.submit('/settings/tokens?/make', {
				...{ name: 'my player', scope: 'read', days: '90' }
			});
			assert.equal(again.status, 409);
			assert.match(await again.text(), /you have a token called my player/);
			for (const wrong of [{ scope: 'admin' }, { days: '9999' }, { name: '  ' }]) {
				const fields = { name: 'x', scope: 'read', days: '30', ...wrong };
				assert.equal((await alice.submit('/settings/tokens?/make', fields)).status, 422);
			}
		});

		it('for reading reads what its owner does, and changes nothing', async () => {
			const token = await makeToken('read', 'reads');
			const own = await use(token, '/api/tracks/me');
			assert.equal(own.status, 200);
			assert.equal(own.headers.get('set-cookie'), null);
			const refused = await like(token);
			assert.equal(refused.status, 403);
			assert.equal(((await refused.json()) as { code: string }).code, 'token_is_read_only');
			assert.equal(refused.headers.get('www-authenticate'), 'Bearer error="insufficient_scope"');
		});

		it('for writing likes and edits, wherever it is sent from, but no settings', async () => {
			const token = await makeToken('write', 'writes');
			const from = { origin: 'https://tool.example' };
			assert.equal((await like(token, 'POST', from)).status, 200);
			assert.equal((await like(token, 'DELETE', from)).status, 200);
			const settings = await use(token, '/api/preferences', {
				method: 'PATCH',
				headers: { 'content-type': 'application/json' },
				body: '{"theme":"light"}'
			});
			assert.equal(settings.status, 403);
			assert.equal((await use(token, '/settings/tokens')).status, 403);
			const out = await use(token, '/api/auth/logout', { method: 'POST' });
			assert.equal(out.status, 403);
			const form = await use(token, '/settings/tokens?/make', {
				method: 'POST',
				body: new URLSearchParams({ name: 'child', scope: 'write', days: '365' })
			});
			assert.equal(form.status, 403);
		});

		it('alone says who asks: a cookie beside it counts for nothing', async () => {
			const token = await makeToken('read', 'beside a cookie');
			const bob = await signedIn('bob');
			const headers = { authorization: `Bearer ${token}` };
			const who = (await (await bob.open('/api/auth/me', { headers })).json()) as {
				handle: string;
			};
			assert.equal(who.handle, 'alice.test');
			const wrong = {
				authorization: `Bearer ${token.slice(0, -1)}${token.endsWith('A') ? 'B' : 'A'}`
			};
			const refused = await bob.open('/api/auth/me', { headers: wrong });
			assert.equal(refused.status, 401);
			assert.equal(((await refused.json()) as { code: string }).code, 'invalid_token');
			assert.equal((await whoIs(bob)).status, 200, 'and the cookie is kept');
		});

		it('ends with its time, or with its owner, together with what is open by it', async () => {
			const token = await makeToken('read', 'ends');
			const stream = await use(token, '/api/queue/events');
			assert.equal(stream.status, 200);
			const ended = stream.text();
			const page = await (await alice.open('/settings/tokens')).text();
			const id = /name="id" value="([^"]+)"[^]*?aria-label="revoke ends"/.exec(
				page.slice(page.lastIndexOf('<li', page.indexOf('revoke ends')))
			)?.[1];
			await alice.submit('/settings/tokens?/revoke', { id: id ?? '' });
			await ended;
			assert.equal((await use(token, '/api/auth/me')).status, 401);

			const late = await makeToken('read', 'late');
			await connection.db
				.updateTable('developer_tokens')
				.set({ expires_at: new Date(Date.now() - 1_000) })
				.where('name', '=', 'late')
				.execute();
			const answer = await use(late, '/api/auth/me');
			assert.equal(answer.status, 401);
			assert.equal(((await answer.json()) as { code: string }).code, 'token_expired');
			assert.match(await (await alice.open('/settings/tokens')).text(), /expired/);
		});

		it('for writing works on when its owner has signed out; the grant goes with the last of both', async () => {
			const token = await makeToken('write', 'alone');
			await connection.db.deleteFrom('developer_tokens').where('name', '!=', 'alone').execute();
			const { did } = (await (await whoIs(alice)).json()) as { did: string };
			const grants = () =>
				connection.db.selectFrom('oauth_sessions').select('did').where('did', '=', did).execute();
			await alice.submit('/settings/sign-ins?/all', {});
			assert.equal((await like(token)).status, 200);
			assert.equal((await grants()).length, 1);
			await alice.signIn('alice');
			const page = await (await alice.open('/settings/tokens')).text();
			const id = /name="id" value="([^"]+)"/.exec(page)?.[1] ?? '';
			await alice.submit('/settings/tokens?/revoke', { id });
			assert.equal((await grants()).length, 1, 'she is signed in');
			await alice.submit('/auth/logout', {});
			assert.deepEqual(await grants(), []);
		});
	});
});
