import assert from 'node:assert/strict';
import { once } from 'node:events';
import { spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { runNginx } from '../bench/nginx.ts';
import { freePort } from '../free-port.ts';
import { HAPROXY, startHaproxy, writeHaproxy } from '../torture/mixed/haproxy.ts';
import { preferred, site } from '../torture/mixed/proxy.ts';

/** So many requests wait at once. */
const WAITING = 40;
const COME_TO_THE_SAME = [
	['GET', '/track/7', ''],
	['PUT', '/api/queue/', '{}'],
	['POST', '/api/tracks/7/like', ''],
	['DELETE', '/api/tracks/7/like', ''],
	['POST', '/track/7/like?return_to=%2F', 'liked=false'],
	['POST', '/api/tracks/7/play', '{"played_seconds":31}'],
	['PATCH', '/api/tracks/7', '{"title":"low water"}'],
	['PATCH', '/api/albums/3f6c/', `{"description":"${'long '.repeat(6_000)}"}`]
] as const;
const DO_NOT = [
	['POST', '/api/tracks/', 'a file'],
	['POST', '/api/uploads/tus', ''],
	['PATCH', '/api/uploads/tus/7', 'a part'],
	['POST', '/api/releases/', '{}'],
	['POST', '/api/albums/', '{}'],
	['POST', '/track/7/delete', 'sure=true']
] as const;

for (const kind of ['nginx', 'haproxy'] as const) {
	describe(`behind ${kind}, when the server that was asked dies at it`, () => {
		const dir = mkdtempSync(path.join(tmpdir(), 'plyr-two-'));
		let dying: Server;
		let living: Server;
		let url: string;
		let stop: () => Promise<void>;
		/** what the living one has heard */
		const asked: string[] = [];
		before(async () => {
			dying = createServer((request) => {
				request.resume().once('end', () => request.socket.destroy());
			});
			living = createServer((request, response) => {
				asked.push(`${request.method} ${request.url}`);
				echo(request, response);
			});
			const first = await listen(dying);
			const second = await listen(living);
			const port = await freePort();
			url = `http://127.0.0.1:${port}`;
			if (kind === 'nginx') {
				({ stop } = await runNginx(site('both', port, preferred(first, second)), dir, url));
			} else {
				stop = await startHaproxy([{ port, servers: [first, second], isPinned: true }], dir);
			}
		});
		after(async () => {
			await stop();
			for (const server of [dying, living]) server.close();
			rmSync(dir, { recursive: true, force: true });
		});

		const ask = (method: string, address: string, body: string) =>
			fetch(url + address, { method, ...(body === '' ? {} : { body }) });

		for (const [method, address, body] of COME_TO_THE_SAME) {
			it(`the other is asked: ${method} ${address}`, async () => {
				const answer = await ask(method, address, body);
				assert.equal(await answer.text(), `${method} ${address} ${body}`);
				assert.equal(asked.filter((one) => one === `${method} ${address}`).length, 1);
			});
		}

		for (const [method, address, body] of DO_NOT) {
			it(`nothing is done twice: ${method} ${address}`, async () => {
				const answer = await ask(method, address, body).catch(() => null);
				// haproxy says nothing on a connection that had an answer before: whoever asked knows as much
				if (kind === 'nginx' || answer) assert.equal(answer?.status, 502);
				assert.equal(asked.includes(`${method} ${address}`), false);
			});
		}
	});
}

describe('behind haproxy, when neither server is there', () => {
	it('everybody waits for the first that comes, whatever they ask', async () => {
		const dir = mkdtempSync(path.join(tmpdir(), 'plyr-none-'));
		const server = createServer(echo);
		const [port, first, second] = [await freePort(), await freePort(), await freePort()];
		const stop = await startHaproxy([{ port, servers: [first, second], isPinned: false }], dir);
		try {
			const asked = [
				fetch(`http://127.0.0.1:${port}/track/7`),
				fetch(`http://127.0.0.1:${port}/api/releases/`, { method: 'POST', body: '{"a":1}' })
			];
			await sleep(1_000);
			await listen(server, second);
			const said = await Promise.all(asked.map(async (answer) => (await answer).text()));
			assert.deepEqual(said, ['GET /track/7 ', 'POST /api/releases/ {"a":1}']);
		} finally {
			await stop();
			server.close();
			rmSync(dir, { recursive: true, force: true });
		}
	});

	it('waiting costs a few sockets, however long it takes, and is over after ten seconds', async (t) => {
		const dir = mkdtempSync(path.join(tmpdir(), 'plyr-wait-'));
		const [port, first, second] = [await freePort(), await freePort(), await freePort()];
		const file = await writeHaproxy([{ port, servers: [first, second], isPinned: false }], dir);
		const haproxy = spawn(HAPROXY, ['-db', '-q', '-f', file], { stdio: 'ignore' });
		const sockets = () => readdirSync(`/proc/${haproxy.pid}/fd`).length;
		try {
			const url = `http://127.0.0.1:${port}/`;
			// the first is answered when both are known to be away, and has waited as well
			const startedAt = performance.now();
			const { status } = await askUntilItListens(url);
			const seconds = (performance.now() - startedAt) / 1000;
			assert.equal(status, 503);
			assert.ok(seconds > 9 && seconds < 13, `${seconds.toFixed(1)} s`);
			const before = sockets();
			const asked = Array.from({ length: WAITING }, () => fetch(url));
			let most = 0;
			for (let i = 0; i < 16; i++) {
				await sleep(500);
				most = Math.max(most, sockets());
			}
			const each = (most - before) / WAITING;
			t.diagnostic(`${each.toFixed(1)} sockets for each that waits`);
			assert.ok(each >= 1 && each < 4.5, `${each} sockets each`);
			const statuses = new Set((await Promise.all(asked)).map((answer) => answer.status));
			assert.deepEqual([...statuses], [503]);
		} finally {
			haproxy.kill('SIGKILL');
			await once(haproxy, 'exit');
			rmSync(dir, { recursive: true, force: true });
		}
	});
});

async function askUntilItListens(url: string): Promise<Response> {
	const endsAt = Date.now() + 10_000;
	for (;;) {
		try {
			return await fetch(url);
		} catch (cause) {
			if (Date.now() > endsAt) throw cause;
			await sleep(50);
		}
	}
}

const echo: RequestListener = (request, response) => {
	let body = '';
	request.setEncoding('utf8').on('data', (chunk: string) => (body += chunk));
	request.once('end', () => response.end(`${request.method} ${request.url} ${body}`));
};

async function listen(server: Server, port = 0): Promise<number> {
	server.listen(port, '127.0.0.1');
	await once(server, 'listening');
	return (server.address() as AddressInfo).port;
}
