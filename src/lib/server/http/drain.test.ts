import assert from 'node:assert/strict';
import { once } from 'node:events';
import { Agent, createServer, type IncomingMessage, request, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { Drain } from './drain.ts';

const LIMITS = { keptMs: 150, longestMs: 1_000 };

describe('a server that stops', () => {
	let drain: Drain;
	let server: ReturnType<typeof createServer>;
	let agent: Agent;
	let asked: ServerResponse[];
	beforeEach(async () => {
		drain = new Drain();
		asked = [];
		server = createServer((incoming, response) => {
			drain.enter(response);
			if (incoming.url === '/at-once') response.end('here');
			else asked.push(response);
		});
		server.listen(0, '127.0.0.1');
		await once(server, 'listening');
		agent = new Agent({ keepAlive: true, maxSockets: 1 });
	});
	afterEach(() => {
		agent.destroy();
		server.closeAllConnections();
	});

	/** Asks, on the one connection there is. @returns status, whether the connection is over, and the body */
	async function ask(path: string): Promise<[number | undefined, string | undefined, string]> {
		const { port } = server.address() as AddressInfo;
		const outgoing = request({ host: '127.0.0.1', port, path, agent }).end();
		const [answer] = (await once(outgoing, 'response')) as [IncomingMessage];
		let body = '';
		for await (const chunk of answer.setEncoding('utf8') as AsyncIterable<string>) body += chunk;
		return [answer.statusCode, answer.headers.connection, body];
	}

	it('answers what it was asked before', async () => {
		const answer = ask('/slowly');
		while (asked.length === 0) await sleep(5);
		const stopped = drain.stop(server, () => undefined, LIMITS);
		await sleep(300);
		asked[0]?.end('at last');
		assert.deepEqual(await answer, [200, 'close', 'at last']);
		await stopped;
	});

	it('answers what comes on a connection that was kept, and ends it so', async () => {
		assert.deepEqual(await ask('/at-once'), [200, 'keep-alive', 'here']);
		const port = (server.address() as AddressInfo).port;
		const stopped = drain.stop(server, () => undefined, LIMITS);
		const outgoing = request({ host: '127.0.0.1', port, path: '/at-once', agent }).end();
		const [answer] = (await once(outgoing, 'response')) as [IncomingMessage];
		assert.equal(answer.headers.connection, 'close');
		answer.resume();
		await stopped;
	});

	it('listens to nobody new', async () => {
		const { port } = server.address() as AddressInfo;
		const stopped = drain.stop(server, () => undefined, LIMITS);
		const outgoing = request({ host: '127.0.0.1', port, path: '/at-once' }).end();
		const [error] = (await once(outgoing, 'error')) as [NodeJS.ErrnoException];
		assert.equal(error.code, 'ECONNREFUSED');
		await stopped;
	});

	it('ends streams, also those that begin meanwhile, and waits for nobody longer than it may', async () => {
		let ends = 0;
		const answer = ask('/never').catch((cause: unknown) => cause);
		while (asked.length === 0) await sleep(5);
		const startedAt = performance.now();
		await drain.stop(server, () => (ends += 1), { keptMs: 50, longestMs: 200 });
		assert.ok(performance.now() - startedAt < 900);
		assert.ok((await answer) instanceof Error);
		assert.equal(ends, 2);
	});
});
