import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { type Nginx, runNginx } from '../bench/nginx.ts';
import { freePort } from '../free-port.ts';
import { preferred, site } from '../torture/mixed/proxy.ts';

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

describe('behind nginx, when the server that was asked dies at it', () => {
	const dir = mkdtempSync(path.join(tmpdir(), 'plyr-two-'));
	let dying: Server;
	let living: Server;
	let nginx: Nginx;
	before(async () => {
		dying = createServer((request) => {
			request.resume().once('end', () => request.socket.destroy());
		});
		living = createServer((request, response) => {
			let body = '';
			request.setEncoding('utf8').on('data', (chunk: string) => (body += chunk));
			request.once('end', () => response.end(`${request.method} ${request.url} ${body}`));
		});
		const ports: number[] = [];
		for (const server of [dying, living]) {
			server.listen(0, '127.0.0.1');
			await once(server, 'listening');
			ports.push((server.address() as AddressInfo).port);
		}
		const [first = 0, second = 0] = ports;
		const port = await freePort();
		const servers = site('both', port, preferred(first, second));
		nginx = await runNginx(servers, dir, `http://127.0.0.1:${port}`);
	});
	after(async () => {
		await nginx.stop();
		for (const server of [dying, living]) server.close();
		rmSync(dir, { recursive: true, force: true });
	});

	const ask = (method: string, address: string, body: string) =>
		fetch(nginx.url + address, { method, ...(body === '' ? {} : { body }) });

	for (const [method, address, body] of COME_TO_THE_SAME) {
		it(`the other is asked: ${method} ${address}`, async () => {
			const answer = await ask(method, address, body);
			assert.equal(await answer.text(), `${method} ${address} ${body}`);
		});
	}

	for (const [method, address, body] of DO_NOT) {
		it(`nothing is done twice: ${method} ${address}`, async () => {
			assert.equal((await ask(method, address, body)).status, 502);
		});
	}
});
