import assert from 'node:assert/strict';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import sharp from 'sharp';
import { createExchangeToken } from '#lib/server/auth/exchange-tokens.ts';
import { readConfig } from '#lib/server/config.ts';
import { connectDatabase } from '#lib/server/db/connect.ts';
import { walkAuthorization } from '../../dev/network/fetch-login.ts';
import { type LocalSite, startLocalSite } from './local-site.ts';
import { locationOf, Visitor } from './visitor.ts';

const json = { 'content-type': 'application/json', accept: 'application/json' };

describe('the pages of the sign-in', { timeout: 120_000 }, () => {
	let site: LocalSite;
	before(async () => {
		site = await startLocalSite({ ROLES: 'web' });
	});
	after(() => site.close());

	const visitor = () => new Visitor(site.url);

	/** Signs in and, if need be, makes the profile. */
	async function artist(name: string): Promise<Visitor> {
		const person = visitor();
		const location = locationOf(await person.signIn(name));
		if (location.startsWith('/profile/setup')) {
			await person.submit(location, { display_name: `${name} plays`, bio: '' });
		}
		return person;
	}

	const api = (person: Visitor, path: string, body?: unknown, method = 'POST') =>
		person.open(path, {
			...(body === undefined ? {} : { method, body: JSON.stringify(body) }),
			headers: { ...json, ...(body === undefined ? {} : { origin: site.url }) }
		});

	it('lead a newcomer to the profile and on to where they were going', async () => {
		const person = visitor();
		const asked = await person.open('/portal?tab=a');
		assert.equal(asked.status, 303);
		assert.equal(locationOf(asked), '/login?return_to=%2Fportal%3Ftab%3Da');
		const form = await (await person.open(locationOf(asked))).text();
		assert.match(form, /name="handle"/);
		assert.match(form, /name="return_to" value="\/portal\?tab=a"/);

		const back = await person.signIn('alice', { returnTo: '/portal?tab=a' });
		assert.equal(back.status, 303);
		const setup = locationOf(back);
		assert.equal(setup, '/profile/setup?return_to=%2Fportal%3Ftab%3Da');
		assert.equal(locationOf(await person.open('/portal')), '/profile/setup?return_to=%2Fportal');
		const page = await (await person.open(setup)).text();
		assert.match(page, /value="alice\.test"/);

		const tooLong = await person.submit(setup, { display_name: 'a'.repeat(65), bio: 'kept' });
		assert.equal(tooLong.status, 422);
		assert.match(await tooLong.text(), /at most 64 characters[^]*kept/);

		const made = await person.submit(setup, { display_name: 'Alice Plays', bio: 'hello' });
		assert.equal(made.status, 303);
		assert.equal(locationOf(made), '/portal?tab=a');
		assert.equal((await person.open('/portal?tab=a')).status, 200);
		assert.equal(locationOf(await person.open('/login?return_to=/portal')), '/portal');
		assert.equal(locationOf(await person.open(setup)), '/portal?tab=a');
	});

	it('fill the first form from the public profile, with its picture', async () => {
		const picture = await sharp({
			create: { width: 400, height: 300, channels: 3, background: '#6a9fff' }
		})
			.png()
			.toBuffer();
		await publishProfile(site.network.pdsUrl, 'dave', picture);
		const person = visitor();
		await person.signIn('dave');
		const html = await (await person.open('/profile/setup')).text();
		assert.match(html, /value="Dave Elsewhere"/);
		assert.match(html, /a bio from elsewhere/);
		assert.match(html, /name="use_avatar"[^>]*checked/);
		const shown = await person.open('/profile/setup/avatar');
		assert.equal(shown.headers.get('content-type'), 'image/png');
		assert.deepEqual(Buffer.from(await shown.arrayBuffer()), picture);
		assert.equal((await visitor().open('/profile/setup/avatar')).status, 401);

		await person.submit('/profile/setup', {
			display_name: 'Dave',
			bio: '',
			use_avatar: 'yes'
		});
		const me = (await (await api(person, '/api/artists/me')).json()) as { avatar_url: string };
		assert.match(me.avatar_url, new RegExp(`^${site.url}/images/[0-9a-f]{16}$`));
		const kept = await fetch(me.avatar_url);
		assert.equal(kept.status, 200);
		assert.match(kept.headers.get('content-type') ?? '', /^image\//);

		const same = await api(person, '/api/artists/me', { avatar_url: me.avatar_url }, 'PUT');
		assert.partialDeepStrictEqual(await same.json(), { avatar_url: me.avatar_url });
		const cleared = await api(person, '/api/artists/me', { avatar_url: '' }, 'PUT');
		assert.partialDeepStrictEqual(await cleared.json(), { avatar_url: null });
		const nothing = await api(
			person,
			'/api/artists/me',
			{ avatar_url: 'http://x.invalid/' },
			'PUT'
		);
		assert.equal(nothing.status, 422);
	});

	it('give the browser a cookie that scripts, other sites and other hosts never get', async () => {
		const person = visitor();
		await person.signIn('bob');
		const cookie = person.setCookies.find((line) => line.startsWith('session_id='));
		assert.match(
			cookie ?? '',
			/^session_id=[\w-]{43}; Max-Age=(?:1209600|12095\d\d); Path=\/; HttpOnly; SameSite=Lax$/
		);
		assert.equal(person.cookies.has('sign_in'), false);
	});

	it('are kept by no cache that others share once somebody is signed in', async () => {
		const nobody = visitor();
		const cached = async (person: Visitor, path: string) =>
			(await person.open(path)).headers.get('cache-control');
		// the first page brings a cookie of its own
		assert.equal(await cached(nobody, '/'), 'private, no-cache');
		assert.equal(await cached(nobody, '/'), null);
		const carol = await artist('carol');
		for (const path of ['/', '/portal', '/upload', '/nothing-here']) {
			assert.equal(await cached(carol, path), 'private, no-cache', path);
		}
		assert.match(
			(await cached(carol, '/portal/__data.json')) ?? '',
			/^private, no-(?:cache|store)$/
		);
		const out = await carol.submit('/auth/logout', {});
		assert.match(out.headers.get('set-cookie') ?? '', /session_id=/);
		assert.equal(out.headers.get('cache-control'), 'private, no-cache');
	});

	it('never put a token into an address, a page or the log', async () => {
		const person = visitor();
		const started = await person.submit('/login', { handle: 'bob.test' });
		const consent = { username: 'bob.test', password: 'bob-pass' };
		const back = await walkAuthorization(locationOf(started), consent);
		const answer = await person.open(back.pathname + back.search);
		const code = back.searchParams.get('code') ?? 'missing';
		const session = person.cookies.get('session_id') ?? 'missing';
		assert.equal(locationOf(answer), '/profile/setup');
		const page = await (await person.open('/profile/setup')).text();
		for (const secret of [code, session]) {
			assert.equal(page.includes(secret), false);
			assert.equal(site.output().includes(secret), false);
		}
	});

	const failures: [string, (person: Visitor) => Promise<Response>, string, RegExp][] = [
		[
			'consent is denied',
			(person) => person.signIn('bob', { deny: true, returnTo: '/portal' }),
			'/login?error=denied&handle=bob.test&return_to=%2Fportal',
			/you did not give permission/
		],
		[
			'nobody is known under the handle',
			(person) => person.submit('/login', { handle: 'nobody.test', return_to: '/portal' }),
			'/login?error=handle_unknown&handle=nobody.test&return_to=%2Fportal',
			/nobody is known under that handle/
		],
		[
			'the handle is none',
			(person) => person.submit('/login', { handle: 'no handle' }),
			'/login?error=handle_invalid&handle=no+handle',
			/that is not a handle/
		],
		[
			'there is no handle',
			(person) => person.open('/auth/start'),
			'/login?error=handle_missing',
			/enter your handle/
		],
		[
			'the answer of the PDS is incomplete',
			(person) => person.open('/auth/callback'),
			'/login?error=incomplete',
			/incomplete answer/
		],
		[
			'the answer of the PDS belongs to no sign-in',
			(person) => person.open('/auth/callback?code=x&state=y&iss=z'),
			'/login?error=expired',
			/took too long or was used already/
		],
		[
			'the program is somewhere else',
			(person) => person.open('/auth/start?handle=bob.test&program=https%3A%2F%2Fevil.example%2F'),
			'/login?error=program_invalid&handle=bob.test&program=https%3A%2F%2Fevil.example%2F',
			/not on this computer/
		]
	];
	for (const [when, doIt, location, sentence] of failures) {
		it(`say what happened, with the handle filled in, when ${when}`, async () => {
			const person = visitor();
			const answer = await doIt(person);
			assert.equal(answer.status, 303);
			assert.equal(locationOf(answer), location);
			const page = await person.open(location);
			assert.equal(page.status, 200);
			const html = await page.text();
			assert.match(html, sentence);
			const handle = new URL(location, site.url).searchParams.get('handle');
			if (handle) assert.ok(html.includes(`value="${handle}"`));
			assert.equal(person.cookies.has('session_id'), false);
		});
	}

	it('fill the handle in again when the same answer comes twice', async () => {
		const person = visitor();
		const started = await person.submit('/login', { handle: 'bob.test', return_to: '/portal' });
		const consent = { username: 'bob.test', password: 'bob-pass' };
		const back = await walkAuthorization(locationOf(started), consent);
		const kept = new Map(person.cookies);
		await person.open(back.pathname + back.search);
		for (const [name, value] of kept) person.cookies.set(name, value);
		person.cookies.delete('session_id');
		assert.equal(
			locationOf(await person.open(back.pathname + back.search)),
			'/login?error=expired&handle=bob.test&return_to=%2Fportal'
		);
	});

	it('do not sign anybody in with an address that was started in another browser', async () => {
		const attacker = visitor();
		const started = await attacker.submit('/login', { handle: 'bob.test' });
		const consent = { username: 'bob.test', password: 'bob-pass' };
		const back = await walkAuthorization(locationOf(started), consent);
		const victim = visitor();
		const answer = await victim.open(back.pathname + back.search);
		assert.equal(locationOf(answer), '/login?error=other_browser');
		assert.equal(victim.cookies.has('session_id'), false);
	});

	it('show nothing but our own sentences', async () => {
		const html = await (
			await visitor().open('/login?error=<script>alert(1)</script>&handle="><script>')
		).text();
		assert.equal(html.includes('alert(1)'), false);
		assert.equal(html.includes('"><script>'), false);
	});

	it('never lead off the site', async () => {
		const person = await artist('carol');
		for (const target of [
			'https://evil.example',
			'//evil.example',
			'/\\evil.example',
			'/.//evil.example'
		]) {
			const back = await person.signIn('carol', { returnTo: target });
			assert.equal(locationOf(back), '/', target);
			const login = `/login?return_to=${encodeURIComponent(target)}`;
			assert.equal(locationOf(await person.open(login)), '/', target);
		}
	});

	it('sign out: the session ends, the cookie goes, and the grant is revoked', async () => {
		const person = await artist('carol');
		const session = person.cookies.get('session_id') ?? '';
		const out = await person.submit('/auth/logout', {});
		assert.equal(out.status, 303);
		assert.equal(locationOf(out), '/');
		assert.match(
			person.setCookies.join(),
			/^session_id=; Max-Age=0; Path=\/; HttpOnly; SameSite=Lax/
		);
		person.cookies.set('session_id', session);
		const me = await api(person, '/api/auth/me');
		assert.equal(me.status, 401);
		assert.equal(person.cookies.has('session_id'), false);
	});

	it('do not sign out on the word of another site', async () => {
		const person = await artist('carol');
		const answer = await person.open('/auth/logout', {
			method: 'POST',
			headers: { origin: 'https://evil.example' }
		});
		assert.equal(answer.status, 403);
		assert.equal((await api(person, '/api/auth/me')).status, 200);
	});

	it('are opened at 127.0.0.1 when they are asked for at localhost', async () => {
		const { port } = new URL(site.url);
		const answer = await fetch(`http://localhost:${port}/login?return_to=/portal`, {
			redirect: 'manual',
			headers: { accept: 'text/html' }
		}).catch(() => undefined);
		// a machine whose localhost is ::1 only cannot reach the site under that name at all
		if (answer) {
			assert.equal(answer.headers.get('location'), `${site.url}/login?return_to=/portal`);
		}
	});

	it('give a program a session by a code, used once', async () => {
		const person = visitor();
		const back = await person.signIn('bob', { program: 'http://127.0.0.1:4567/done' });
		const location = new URL(locationOf(back));
		assert.equal(location.origin, 'http://127.0.0.1:4567');
		assert.equal(person.cookies.has('session_id'), false);
		const body = JSON.stringify({ exchange_token: location.searchParams.get('exchange_token') });
		const exchange = (agent: string) =>
			fetch(`${site.url}/api/auth/exchange/`, {
				method: 'POST',
				headers: { ...json, 'user-agent': agent },
				body
			});
		const answer = await exchange('plyr-cli/1.0');
		assert.equal(answer.status, 200);
		assert.equal(answer.headers.getSetCookie().length, 0);
		const { session_id: session } = (await answer.json()) as { session_id: string };
		const me = await fetch(`${site.url}/api/auth/me`, {
			headers: { authorization: `Bearer ${session}` }
		});
		assert.equal(((await me.json()) as { handle: string }).handle, 'bob.test');
		const again = await exchange('plyr-cli/1.0');
		assert.equal(again.status, 401);
		assert.partialDeepStrictEqual(await again.json(), {
			detail: 'invalid, expired, or already used exchange token'
		});
	});

	it('let a browser exchange a code for a cookie', async () => {
		const person = visitor();
		const back = await person.signIn('bob', { program: 'http://127.0.0.1:4567/done' });
		const token = new URL(locationOf(back)).searchParams.get('exchange_token');
		await person.open('/api/auth/exchange', {
			method: 'POST',
			headers: { ...json, origin: site.url, 'user-agent': 'Mozilla/5.0' },
			body: JSON.stringify({ exchange_token: token })
		});
		assert.equal((await api(person, '/api/auth/me/')).status, 200);
	});

	it('answer programs as the old service did', async () => {
		const nobody = await api(visitor(), '/api/auth/me');
		assert.equal(nobody.status, 401);
		assert.partialDeepStrictEqual(await nobody.json(), {
			detail: 'not authenticated - login required'
		});
		const stranger = visitor();
		stranger.cookies.set('session_id', 'x'.repeat(43));
		const unknown = await api(stranger, '/api/auth/me');
		assert.equal(unknown.status, 401);
		assert.partialDeepStrictEqual(await unknown.json(), { detail: 'invalid or expired session' });
		const start = await visitor().open('/api/auth/start?handle=bob.test');
		assert.equal(locationOf(start), '/auth/start?handle=bob.test');
		const person = await artist('carol');
		const out = await api(person, '/api/auth/logout', {});
		assert.deepEqual(await out.json(), { message: 'logged out successfully' });
	});

	it('describe the client to authorization servers', async () => {
		const metadata = (await (await visitor().open('/client-metadata.json')).json()) as Record<
			string,
			unknown
		>;
		assert.deepEqual(metadata['redirect_uris'], [`${site.url}/auth/callback`]);
		assert.equal(
			metadata['scope'],
			'atproto repo:fm.plyr.dev.track repo:fm.plyr.dev.like repo:fm.plyr.dev.list'
		);
		assert.equal(metadata['token_endpoint_auth_method'], 'none');
		const keys = await (await visitor().open('/.well-known/jwks.json')).text();
		assert.match(keys, /"kty":"EC"/);
		assert.equal(/"d":/.test(keys), false);
	});

	it('keep an artist profile by the public interface', async () => {
		const person = visitor();
		await person.signIn('bob');
		const none = await api(person, '/api/artists/me');
		assert.equal(none.status, 404);
		assert.partialDeepStrictEqual(await none.json(), {
			detail: 'artist profile not found - please create one first'
		});
		const made = await api(person, '/api/artists/', { display_name: '', bio: 'a bio' });
		assert.equal(made.status, 200);
		const first = (await made.json()) as Record<string, string | null>;
		assert.partialDeepStrictEqual(first, {
			did: site.network.accounts.find(({ handle }) => handle === 'bob.test')?.did,
			handle: 'bob.test',
			display_name: 'bob.test',
			bio: 'a bio',
			avatar_url: null
		});
		const twice = await api(person, '/api/artists', { display_name: 'b' });
		assert.equal(twice.status, 400);
		assert.partialDeepStrictEqual(await twice.json(), { detail: 'artist profile already exists' });

		const put = async (body: unknown) =>
			(await (await api(person, '/api/artists/me/', body, 'PUT')).json()) as typeof first;
		const named = await put({ display_name: 'Bob', bio: null });
		assert.partialDeepStrictEqual(named, { display_name: 'Bob', bio: 'a bio' });
		assert.notEqual(named['updated_at'], first['updated_at']);
		assert.partialDeepStrictEqual(await put({ bio: '' }), { display_name: 'Bob', bio: null });

		for (const path of [`/api/artists/${first['did']}`, '/api/artists/by-handle/bob.test/']) {
			const found = (await (await api(visitor(), path)).json()) as typeof first;
			assert.equal(found['display_name'], 'Bob');
		}
		const missing = await api(visitor(), '/api/artists/did:plc:nobody');
		assert.equal(missing.status, 404);
		assert.partialDeepStrictEqual(await missing.json(), { detail: 'artist not found' });
		const wrong = await api(person, '/api/artists/me', { display_name: 7 }, 'PUT');
		assert.equal(wrong.status, 422);
		assert.equal((await api(visitor(), '/api/artists/', { display_name: 'x' })).status, 401);
	});
});

describe('the same site on https', { timeout: 120_000 }, () => {
	let site: LocalSite;
	before(async () => {
		site = await startLocalSite({
			ROLES: 'web',
			PUBLIC_URL: 'https://plyr.internal',
			DEV_ALLOW_INSECURE_NETWORK: 'false',
			ATPROTO_PLC_URL: 'https://plc.directory',
			ATPROTO_HANDLE_RESOLVER_URL: ''
		});
	});
	after(() => site.close());

	it('gives its cookie over https only', async () => {
		const host = path.join(site.dataDir, 'postgres/s');
		const address = { host, port: 5432, user: 'plyr', database: 'postgres' };
		const connection = connectDatabase(address, readConfig({}).database);
		const owner = { did: 'did:plc:a', handle: 'a.test', grantEndsAt: undefined };
		const token = await createExchangeToken(connection.db, owner);
		await connection.close();
		const answer = await fetch(`${site.url}/api/auth/exchange`, {
			method: 'POST',
			headers: { ...json, 'user-agent': 'Mozilla/5.0' },
			body: JSON.stringify({ exchange_token: token })
		});
		assert.match(
			answer.headers.getSetCookie().join(),
			/^session_id=[\w-]{43}; Max-Age=(?:1209600|12095\d\d); Path=\/; HttpOnly; Secure; SameSite=Lax$/
		);
	});

	it('is a confidential client with a key of its own', async () => {
		const get = async (path: string) => (await fetch(site.url + path)).json() as Promise<unknown>;
		assert.partialDeepStrictEqual(await get('/client-metadata.json'), {
			client_id: 'https://plyr.internal/client-metadata.json',
			token_endpoint_auth_method: 'private_key_jwt'
		});
		const { keys } = (await get('/.well-known/jwks.json')) as { keys: Record<string, unknown>[] };
		assert.equal(keys.length, 1);
		assert.deepEqual(Object.keys(keys[0] ?? {}).sort(), [
			'alg',
			'crv',
			'kid',
			'kty',
			'use',
			'x',
			'y'
		]);
	});
});

/** Makes an account at the PDS and gives it a public profile with a picture. */
async function publishProfile(pdsUrl: string, name: string, picture: Buffer): Promise<void> {
	const call = async (nsid: string, type: string, body: BodyInit, token?: string) => {
		const response = await fetch(`${pdsUrl}/xrpc/${nsid}`, {
			method: 'POST',
			headers: {
				'content-type': type,
				...(token === undefined ? {} : { authorization: `Bearer ${token}` })
			},
			body
		});
		assert.equal(response.status, 200, nsid);
		return (await response.json()) as Record<string, unknown>;
	};
	const account = {
		handle: `${name}.test`,
		email: `${name}@example.test`,
		password: `${name}-pass`
	};
	const { did, accessJwt } = await call(
		'com.atproto.server.createAccount',
		'application/json',
		JSON.stringify(account)
	);
	const token = String(accessJwt);
	const bytes = new Uint8Array(picture);
	const { blob } = await call('com.atproto.repo.uploadBlob', 'image/png', bytes, token);
	const record = {
		$type: 'app.bsky.actor.profile',
		displayName: 'Dave Elsewhere',
		description: 'a bio from elsewhere',
		avatar: blob
	};
	const write = { repo: did, collection: 'app.bsky.actor.profile', rkey: 'self', record };
	const input = JSON.stringify(write);
	await call('com.atproto.repo.putRecord', 'application/json', input, token);
}
