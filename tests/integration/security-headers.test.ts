import assert from 'node:assert/strict';
import { globSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import type { TrackResponse } from '#lib/server/tracks/track-response.ts';
import { openProductDatabase } from '../e2e/product-database.ts';
import { type Asked, everyRoute, type Kind, type Published } from './every-route.ts';
import { type LocalSite, startLocalSite } from './local-site.ts';
import { becomeArtist, publishTrack, sendJson } from './published-music.ts';
import type { Visitor } from './visitor.ts';

const POLICIES: Record<Kind, RegExp[]> = {
	page: [
		/(^|; )default-src 'self'(;|$)/,
		/; script-src 'self' 'nonce-[\w+/=]{20,}'(;|$)/,
		/; script-src-attr 'none'(;|$)/,
		/; style-src 'self'(;|$)/,
		/; object-src 'none'(;|$)/,
		/; base-uri 'none'(;|$)/,
		/; frame-src 'none'(;|$)/,
		/; frame-ancestors 'none'(;|$)/,
		/; require-trusted-types-for 'script'(;|$)/,
		/; trusted-types svelte-trusted-html sveltekit-trusted-url(;|$)/
	],
	closed: [/^default-src 'none'(; style-src 'unsafe-inline')?; frame-ancestors 'none'$/],
	media: [
		/^default-src 'none'; img-src 'self'; media-src 'self'; style-src 'unsafe-inline'; frame-ancestors 'none'$/
	],
	embed: [
		/^default-src 'none'; script-src '(none|sha256-[\w+/=]+)'; /,
		/; style-src 'sha256-[\w+/=]+'; /,
		/; require-trusted-types-for 'script'; trusted-types 'none'; /,
		/; base-uri 'none'; form-action 'none'; frame-ancestors \*$/
	]
};

interface Rules {
	kind: Kind;
	isForOthers?: boolean;
	isSecure?: boolean;
}

/** What is wrong with the headers of an answer. */
function faultsOf({ headers }: Response, { kind, isForOthers, isSecure }: Rules): string[] {
	const faults: string[] = [];
	const expect = (name: string, wanted: string | null) => {
		const found = headers.get(name);
		if (found !== wanted) faults.push(`${name}: ${found}, not ${wanted}`);
	};
	const policy = headers.get('content-security-policy') ?? '';
	for (const rule of POLICIES[kind]) {
		if (!rule.test(policy)) faults.push(`content-security-policy: ${policy} lacks ${rule.source}`);
	}
	if (/unsafe-eval|script-src[^;]*unsafe-inline/.test(policy)) faults.push(policy);
	expect('x-content-type-options', 'nosniff');
	expect('referrer-policy', 'strict-origin-when-cross-origin');
	expect('cross-origin-opener-policy', 'same-origin');
	expect('x-frame-options', kind === 'embed' ? null : 'DENY');
	const others = kind === 'media' || kind === 'embed' || isForOthers;
	expect('cross-origin-resource-policy', others ? 'cross-origin' : 'same-origin');
	const transport = isSecure ? 'max-age=31536000; includeSubDomains' : null;
	expect('strict-transport-security', transport);
	const permissions = headers.get('permissions-policy') ?? '';
	for (const feature of ['camera', 'geolocation', 'microphone', 'payment', 'usb', 'midi']) {
		if (!permissions.includes(`${feature}=()`)) faults.push(`permissions-policy: no ${feature}`);
	}
	return faults;
}

describe('the headers of every answer', () => {
	let site: LocalSite;
	let alice: Visitor;
	let asked: Asked[];
	before(async () => {
		site = await startLocalSite();
		alice = await becomeArtist(site.url, 'alice');
		asked = everyRoute(await publishSome(site, alice));
	});
	after(() => site.close());

	const ask = async (path: string, init: RequestInit = {}): Promise<Response> => {
		const answer = await fetch(site.url + path, { redirect: 'manual', ...init });
		await answer.body?.cancel();
		return answer;
	};

	it('are listed: no route is missing, and none is there that is not', () => {
		const routes = readdirSync('src/routes', { recursive: true, encoding: 'utf8' })
			.filter((name) => /\+(page\.svelte|server\.ts)$/.test(name))
			.map((name) => path.dirname(name).replace(/^\.$/, ''));
		const listed = new Set(asked.map(({ route }) => route));
		assert.deepEqual([...listed].sort(), [...new Set(routes)].sort());
	});

	it('are those of its kind, of every route', async () => {
		const faults: string[] = [];
		for (const one of asked) {
			const { method = 'GET', path: to, as, status } = one;
			const init = { method, headers: { accept: '*/*' } };
			const answer = as ? await alice.open(to, init) : await ask(to, init);
			await answer.body?.cancel().catch(() => undefined);
			const found = faultsOf(answer, one);
			if (answer.status !== status) found.unshift(`status ${answer.status}, not ${status}`);
			if (found.length > 0) faults.push(`${method} ${to}: ${found.join('; ')}`);
		}
		assert.deepEqual(faults, []);
	});

	it('come with data of no kind that is left out of the scripts which read it', async () => {
		// dev/leave-out-unused.ts; in what is sent, only the name of a kind is a text within a list
		const leftOut =
			/\[(?:"(?:RegExp|Object|\w+Array|DataView|ArrayBuffer|URL\w*|Temporal[^"]*)"|-7),/;
		assert.match('[["URL","https://a.test/"],["Uint8Array",1],[-7,9,1]]', leftOut);
		const found: string[] = [];
		let read = 0;
		for (const { path: to, kind, as } of asked) {
			if (kind !== 'page') continue;
			const [address = '', search] = to.split('?');
			const from = `${address.replace(/\/$/, '')}/__data.json${search ? `?${search}` : ''}`;
			const answer = as ? await alice.open(from) : await fetch(site.url + from);
			const text = await answer.text();
			if (text.includes('"type":"data"')) read += 1;
			if (leftOut.test(text)) found.push(`${from}: ${leftOut.exec(text)?.[0]}`);
		}
		assert.ok(read > 30, `${read} pages were read`);
		assert.deepEqual(found, []);
	});

	it('are there when a method is not allowed, of every route', async () => {
		const faults: string[] = [];
		const paths = new Map(asked.map(({ route, path: to, kind }) => [route, { to, kind }]));
		for (const [route, { to, kind }] of paths) {
			const answer = await ask(to, { method: 'PROPFIND' });
			const isForOthers =
				kind === 'media' || kind === 'embed' || /^(audio|images|og)\/|\/play$/.test(route);
			const found = faultsOf(answer, { kind: 'closed', isForOthers: isForOthers || route === 'x' });
			if (answer.status !== 405) found.unshift(`status ${answer.status}`);
			if (found.length > 0) faults.push(`${to}: ${found.join('; ')}`);
		}
		assert.deepEqual(faults, []);
	});

	it('are there where no hook comes: static files, the service worker, what is refused before', async () => {
		const built = globSync('build/client/**/*').filter((file) => path.extname(file) !== '');
		const one = (pattern: RegExp) => {
			const file = built.find((name) => pattern.test(name));
			assert.ok(file, pattern.source);
			return file.replace('build/client', '');
		};
		const files = readdirSync('static').map((name) => `/${name}`);
		const isPicture = (file: string) => /\.(png|svg|jpg|webp|ico)$/.test(file);
		const others: [string, number][] = [
			[one(/immutable\/.*\.js$/), 200],
			[one(/immutable\/.*\.css$/), 200],
			['/_app/version.json', 200],
			['/_app/immutable/nothing.js', 404],
			['/about/', 308],
			['/about/__data.json', 200]
		];
		const faults: string[] = [];
		for (const [to, status] of [...files.map((file) => [file, 200] as const), ...others]) {
			const answer = await ask(to);
			const found = faultsOf(answer, { kind: isPicture(to) ? 'media' : 'closed' });
			if (answer.status !== status) found.unshift(`status ${answer.status}`);
			if (found.length > 0) faults.push(`${to}: ${found.join('; ')}`);
		}
		assert.deepEqual(faults, []);
		const worker = await ask('/service-worker.js');
		assert.equal(
			worker.headers.get('content-security-policy'),
			"default-src 'none'; connect-src 'self' https:; frame-ancestors 'none'"
		);
		assert.equal(worker.headers.get('x-content-type-options'), 'nosniff');
	});

	it('are there where there is nothing, and when a request is refused', async () => {
		const elsewhere = { method: 'POST', headers: { origin: 'https://other.example' } };
		const cases: [string, RequestInit, number, Kind][] = [
			['/nothing-here', {}, 404, 'page'],
			['/%zz', {}, 400, 'page'],
			['/api/nothing', {}, 404, 'closed'],
			['/login', elsewhere, 403, 'closed'],
			['/api/queue', { method: 'PUT', headers: { origin: site.url } }, 401, 'closed']
		];
		for (const [to, init, status, kind] of cases) {
			const answer = await ask(to, init);
			assert.equal(answer.status, status, to);
			assert.deepEqual(faultsOf(answer, { kind }), [], to);
		}
	});

	it('are there when something broke', async () => {
		const sql = await openProductDatabase(site);
		await sql`alter table tracks rename to tracks_away`;
		try {
			for (const [to, kind] of [
				['/', 'page'],
				['/api/tracks/', 'closed'],
				['/feed.xml', 'closed']
			] as const) {
				const answer = await ask(to);
				assert.equal(answer.status, 500, to);
				assert.deepEqual(faultsOf(answer, { kind }), [], to);
			}
		} finally {
			await sql`alter table tracks_away rename to tracks`;
			await sql.end();
		}
	});
});

describe('the headers of a site that is reached over https', () => {
	let site: LocalSite;
	before(async () => {
		site = await startLocalSite({
			PUBLIC_URL: 'https://plyr.example.org',
			ATPROTO_PLC_URL: '',
			ATPROTO_HANDLE_RESOLVER_URL: '',
			ATPROTO_APP_NAMESPACE: 'fm.plyr',
			DEV_ALLOW_INSECURE_NETWORK: ''
		});
	});
	after(() => site.close());

	it('keep browsers from ever asking without it', async () => {
		for (const [to, kind] of [
			['/', 'page'],
			['/api/config', 'closed'],
			['/icon.svg', 'media'],
			['/about/', 'closed'],
			['/%zz', 'page'],
			['/embed/track/1', 'embed']
		] as const) {
			const answer = await fetch(site.url + to, { redirect: 'manual' });
			await answer.body?.cancel();
			assert.deepEqual(faultsOf(answer, { kind, isSecure: true }), [], to);
			for (const cookie of answer.headers.getSetCookie()) assert.match(cookie, /; Secure/i);
		}
	});
});

async function publishSome(site: LocalSite, alice: Visitor): Promise<Published> {
	const id = await publishTrack(alice, { title: 'a tone' }, 640);
	await sendJson(alice, 'PATCH', `/api/tracks/${id}`, { tags: ['drone'] });
	const sql = await openProductDatabase(site);
	await sql`update artists set shows_likes = true`;
	await sql.end();
	const body = { title: 'An Album', track_ids: [id] };
	const made = await sendJson(alice, 'POST', '/api/albums', body);
	const { id: album } = (await made.json()) as { id: string };
	const track = (await (await alice.open(`/api/tracks/${id}`)).json()) as TrackResponse;
	const began = await sendJson(alice, 'POST', '/api/releases', {});
	const { release_id: release } = (await began.json()) as { release_id: string };
	return {
		...{ id, album, release, did: track.artist_did, uri: track.atproto_record_uri },
		file: track.file_id,
		image: track.image_url?.split('/').at(-1)?.split('?')[0] ?? ''
	};
}
