import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { request, type RequestOptions } from 'node:https';
import type { IncomingMessage } from 'node:http';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Nginx, runNginx } from '../bench/nginx.ts';
import { LIMITS } from '#lib/server/limits/limits.ts';
import { Recording } from '../bench/recording.ts';
import { freePort } from '../free-port.ts';
import { type LocalSite, startLocalSite } from './local-site.ts';
import { Visitor } from './visitor.ts';

const MIB = 1024 * 1024;
const base64 = (value: string) => Buffer.from(value).toString('base64');

/** deploy/nginx.conf as it is, but for its name, its ports, its certificate and where the site is. */
function configuration(
	sitePort: string,
	plain: number,
	secure: number,
	certificate: string
): string {
	const changes: [string | RegExp, string][] = [
		['server 127.0.0.1:3000;', `server 127.0.0.1:${sitePort};`],
		[/^\tlisten \[::\].*$/gm, ''],
		['listen 80;', `listen 127.0.0.1:${plain};`],
		['listen 443 ssl', `listen 127.0.0.1:${secure} ssl`],
		[/ssl_certificate \S+;/g, `ssl_certificate ${certificate}/cert.pem;`],
		[/ssl_certificate_key \S+;/g, `ssl_certificate_key ${certificate}/key.pem;`]
	];
	return changes.reduce(
		(conf, [from, to]) => {
			const changed = conf.replaceAll(from, to);
			assert.notEqual(changed, conf, String(from));
			return changed;
		},
		readFileSync('deploy/nginx.conf', 'utf8')
	);
}

describe('behind nginx', { timeout: 180_000 }, () => {
	const dir = mkdtempSync(path.join(tmpdir(), 'plyr-proxy-'));
	let site: LocalSite;
	let nginx: Nginx;
	let securePort: number;
	let headers: Record<string, string>;

	before(async () => {
		const plainPort = await freePort();
		securePort = await freePort();
		site = await startLocalSite({ TRUSTED_PROXY_COUNT: '1' });
		const subject = [
			'-subj',
			'/CN=plyr.example.org',
			'-days',
			'2',
			'-newkey',
			'rsa:2048',
			'-nodes'
		];
		const files = ['-keyout', path.join(dir, 'key.pem'), '-out', path.join(dir, 'cert.pem')];
		const made = spawnSync('openssl', ['req', '-x509', ...subject, ...files]);
		assert.equal(made.status, 0, made.stderr.toString());
		const servers = configuration(new URL(site.url).port, plainPort, securePort, dir);
		writeFileSync(path.join(dir, 'plyr.conf'), servers);
		nginx = await runNginx(servers, dir, `http://127.0.0.1:${plainPort}`);
		const visitor = new Visitor(site.url);
		await visitor.signIn('alice');
		headers = { authorization: `Bearer ${visitor.cookies.get('session_id')}` };
	});
	after(async () => {
		await nginx.stop();
		await site.close();
		rmSync(dir, { recursive: true, force: true });
	});

	const ask = (options: Omit<RequestOptions, 'headers'> & { headers?: Record<string, string> }) =>
		request({
			host: '127.0.0.1',
			port: securePort,
			servername: 'plyr.example.org',
			rejectUnauthorized: false,
			...options,
			headers: { ...headers, ...options.headers }
		});
	const answerOf = (outgoing: ReturnType<typeof ask>) =>
		new Promise<IncomingMessage>((resolve, reject) => {
			outgoing.once('response', resolve);
			outgoing.once('error', reject);
		});

	it('bodies go in as they come and events come out as they happen: 120 MB in one part', async () => {
		const profile = ask({
			path: '/api/artists/',
			method: 'POST',
			headers: { 'content-type': 'application/json' }
		});
		profile.end(JSON.stringify({ display_name: 'alice' }));
		assert.equal((await answerOf(profile)).statusCode, 200);
		const recording = new Recording(120 * MIB, 3);
		const metadata = `filename ${base64('a.wav')},title ${base64('a long one')}`;
		const creation = ask({
			path: '/api/uploads/tus',
			method: 'POST',
			headers: {
				'tus-resumable': '1.0.0',
				'upload-length': String(recording.sizeBytes),
				'upload-metadata': metadata
			}
		}).end();
		const created = await answerOf(creation);
		created.resume();
		assert.equal(created.statusCode, 201);
		const upload = new URL(created.headers.location ?? '', site.url).pathname;
		const id = upload.split('/').at(-1) ?? '';

		const events = await answerOf(ask({ path: `/api/tracks/uploads/${id}/progress` }).end());
		assert.equal(events.headers['content-type'], 'text/event-stream');
		let heard = '';
		events.setEncoding('utf8').on('data', (chunk: string) => (heard += chunk));
		const until = async (pattern: RegExp, limitMs: number) => {
			const endsAt = Date.now() + limitMs;
			while (!pattern.test(heard)) {
				assert.ok(Date.now() < endsAt, `not heard of ${pattern}: ${heard}`);
				await sleep(20);
			}
		};
		await until(/retry: /, 5_000);

		const part = ask({
			path: upload,
			method: 'PATCH',
			headers: {
				'tus-resumable': '1.0.0',
				'content-type': 'application/offset+octet-stream',
				'content-length': String(recording.sizeBytes),
				'upload-offset': '0'
			}
		});
		const taken = answerOf(part);
		let sent = 0;
		for (const chunk of recording.chunks()) {
			const isHalf = sent < 60 * MIB && sent + chunk.byteLength >= 60 * MIB;
			sent += chunk.byteLength;
			if (!part.write(chunk)) await new Promise((resolve) => part.once('drain', resolve));
			// half of it is on the line and nothing more: whoever listens has heard of it by now
			if (isHalf) await until(/"received_bytes":[1-9]\d{6,}/, 15_000);
		}
		part.end();
		assert.equal((await taken).statusCode, 204);
		await until(/"status":"completed"/, 90_000);
	});

	it('knows visitors apart by what nginx says, whatever they say themselves', async () => {
		/** Asks for something of which an address has a part. */
		const exchange = async (localAddress: string, invented: number) => {
			const outgoing = ask({
				...{ path: '/api/auth/exchange', method: 'POST', localAddress },
				headers: {
					'content-type': 'application/json',
					'x-forwarded-for': `203.0.113.${invented}`,
					'x-real-ip': `203.0.113.${invented}`
				}
			});
			outgoing.end(JSON.stringify({ exchange_token: 'none' }));
			const answer = await answerOf(outgoing);
			answer.resume();
			return answer.statusCode;
		};
		const { most } = LIMITS.exchange;
		for (let i = 0; i < most; i++) assert.notEqual(await exchange('127.0.0.1', i), 429, `${i}`);
		assert.equal(await exchange('127.0.0.1', most), 429, 'an invented address is nobody else');
		assert.notEqual(await exchange('127.0.0.2', 0), 429, 'somebody else has a part of their own');
	});
});
