import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { request } from 'node:http';
import { after, before, describe, it } from 'node:test';
import { type LocalSite, startLocalSite } from './local-site.ts';

const MIB = 1024 * 1024;

describe('the edges of the site', () => {
	let site: LocalSite;
	before(async () => {
		site = await startLocalSite();
	});
	after(async () => {
		await site.close();
	});

	/** The built application's process, by what it has written to its log. */
	function residentMib(): number {
		const pid = /"event":"listening"[^\n]*"pid":(\d+)/.exec(site.output())?.[1];
		assert.ok(pid, 'the log does not name the process');
		const status = readFileSync(`/proc/${pid}/status`, 'utf8');
		return Number(/VmHWM:\s+(\d+) kB/.exec(status)?.[1]) / 1024;
	}

	it('does not keep a large form of a stranger in memory', async (t) => {
		// the first form brings along what reads forms, and what passes through memory meanwhile
		await postForever(`${site.url}/login`, 10 * MIB);
		const before = residentMib();
		const status = await postForever(`${site.url}/login`, 100 * MIB);
		assert.ok(status === 413 || status === null, `answered ${status}`);
		const grown = residentMib() - before;
		t.diagnostic(`${Math.round(grown)} MiB more than before`);
		assert.ok(grown < 40, `${Math.round(grown)} MiB more than before`);
		assert.equal((await fetch(`${site.url}/health`)).status, 200);
	});

	it('answers programs in json, also where there is nothing or not with this method', async () => {
		const asked: [string, string, number][] = [
			['GET', '/api/nope', 404],
			['GET', '/api/artists/not-a-did', 404],
			['GET', '/api/artists/%00', 404],
			['GET', '/api/artists/by-handle/%00', 404],
			['GET', '/api/tracks/?artist_did=%00', 422],
			['GET', '/api/tracks/999999999', 404],
			['PUT', '/api/tracks/', 405],
			['POST', '/audio/0123456789abcdef', 405],
			['GET', '/api/auth/me', 401]
		];
		for (const [method, path, status] of asked) {
			const response = await fetch(site.url + path, { method });
			assert.equal(response.status, status, `${method} ${path}`);
			const body = (await response.json()) as Record<string, unknown>;
			assert.deepEqual(Object.keys(body).sort(), ['code', 'detail', 'request_id'], path);
		}
	});

	it('gives every page a policy with a nonce of its own, and its other answers a closed one', async () => {
		const policies = new Set<string>();
		for (const path of ['/', '/login', '/nothing-here', '/']) {
			const response = await fetch(site.url + path);
			const policy = response.headers.get('content-security-policy') ?? '';
			assert.match(policy, /script-src 'self' 'nonce-[^']+'/, path);
			assert.doesNotMatch(policy, /unsafe-inline|unsafe-eval/, path);
			assert.equal(response.headers.get('x-content-type-options'), 'nosniff', path);
			policies.add(policy);
		}
		assert.equal(policies.size, 4);
		const api = await fetch(`${site.url}/api/config`);
		assert.match(api.headers.get('content-security-policy') ?? '', /default-src 'none'/);
	});

	it('says whether it is alive and whether it is ready', async () => {
		assert.deepEqual(await (await fetch(`${site.url}/health`)).json(), { status: 'ok' });
		const ready = (await (await fetch(`${site.url}/ready`)).json()) as {
			ready: boolean;
			parts: Record<string, { ok: boolean; ms: number }>;
		};
		assert.equal(ready.ready, true);
		assert.deepEqual(Object.keys(ready.parts), ['database', 'storage', 'transcoder', 'jobs']);
		for (const [name, part] of Object.entries(ready.parts)) assert.ok(part.ok, name);
	});
});

/** Sends `bytes` of a form field as fast as they are taken; null when the connection is cut. */
function postForever(url: string, bytes: number): Promise<number | null> {
	return new Promise((resolve) => {
		const headers = {
			'content-type': 'application/x-www-form-urlencoded',
			'content-length': String(bytes),
			origin: new URL(url).origin
		};
		const sending = request(url, { method: 'POST', headers }, (response) => {
			response.resume();
			resolve(response.statusCode ?? null);
			sending.destroy();
		});
		sending.on('error', () => resolve(null));
		const chunk = Buffer.alloc(Math.min(MIB, bytes), 'a');
		let sent = 0;
		const write = () => {
			while (sent < bytes && !sending.destroyed) {
				sent += chunk.length;
				if (!sending.write(chunk)) {
					sending.once('drain', write);
					return;
				}
			}
			sending.end();
		};
		write();
	});
}
