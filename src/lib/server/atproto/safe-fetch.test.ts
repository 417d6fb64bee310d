import assert from 'node:assert/strict';
import type dns from 'node:dns';
import { once } from 'node:events';
import { createServer, type RequestListener, type Server } from 'node:http';
import { type AddressInfo, createServer as createTcpServer } from 'node:net';
import { after, before, describe, it } from 'node:test';
import { createSafeFetch, FetchFailed, UnsafeFetch } from './safe-fetch.ts';

const open = createSafeFetch({ allowInsecureNetwork: true, timeLimitMs: 1_000 });
const guarded = createSafeFetch({ allowInsecureNetwork: false, timeLimitMs: 1_000 });

/** A name server of the attacker: answers each question with the next list of addresses. */
function answering(...answers: string[][]): { lookup: typeof dns.lookup; asked: () => number } {
	let asked = 0;
	const lookup = (_name: string, _options: unknown, callback: (...args: unknown[]) => void) => {
		const addresses = answers[Math.min(asked++, answers.length - 1)] ?? [];
		callback(
			null,
			addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 }))
		);
	};
	return { lookup: lookup as unknown as typeof dns.lookup, asked: () => asked };
}

describe('fetching from an address somebody else chose', () => {
	const answer: RequestListener = (request, response) => {
		const { pathname } = new URL(request.url ?? '/', 'http://x');
		if (pathname === '/redirect') response.writeHead(302, { location: '/plain' }).end();
		else if (pathname === '/large') response.end(Buffer.alloc(6 * 1024 * 1024));
		else if (pathname === '/endless') response.write('a');
		else if (pathname === '/silent') return;
		else if (pathname === '/empty') response.writeHead(204).end();
		else if (pathname === '/error') response.writeHead(500).end('trouble');
		else {
			let body = '';
			request.setEncoding('utf8').on('data', (chunk: string) => (body += chunk));
			request.on('end', () => {
				response.setHeader('set-cookie', ['a=1', 'b=2']);
				response.end(JSON.stringify({ method: request.method, headers: request.headers, body }));
			});
		}
	};
	let server: Server;
	let base: string;
	let connections = 0;
	before(async () => {
		server = createServer(answer).listen(0, '127.0.0.1');
		server.on('connection', () => connections++);
		await once(server, 'listening');
		base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
	});
	after(() => {
		server.closeAllConnections();
		server.close();
	});

	it('passes on method, headers and body, and gives back status, headers and body', async () => {
		const response = await open(`${base}/plain`, {
			method: 'POST',
			headers: { 'x-test': 'yes' },
			body: 'hello'
		});
		const seen = (await response.json()) as {
			method: string;
			headers: Record<string, string>;
			body: string;
		};
		assert.equal(seen.method, 'POST');
		assert.equal(seen.headers['x-test'], 'yes');
		assert.equal(seen.headers['content-length'], '5');
		assert.equal(seen.body, 'hello');
		assert.deepEqual(response.headers.getSetCookie(), ['a=1', 'b=2']);
		assert.equal((await open(`${base}/empty`)).status, 204);
		assert.equal((await open(`${base}/error`)).status, 500);
	});

	const unsafe = [
		'https://127.0.0.1/',
		'https://[::1]/',
		'https://[::ffff:127.0.0.1]/',
		'https://[::ffff:a9fe:a9fe]/',
		'https://169.254.169.254/latest/meta-data/',
		'https://10.0.0.1/',
		'https://192.168.1.1:8443/',
		'https://2130706433/',
		'https://0x7f000001/',
		'https://127.1/',
		'http://example.com/',
		'file:///etc/passwd',
		'data:text/plain,x',
		'ftp://example.com/'
	];
	for (const url of unsafe) {
		it(`refuses ${url}`, () => assert.rejects(guarded(url), UnsafeFetch));
	}

	const insides = [
		'127.0.0.1',
		'10.0.0.1',
		'169.254.169.254',
		'::1',
		'::ffff:127.0.0.1',
		'fd00::1'
	];
	for (const inside of insides) {
		it(`refuses a name that leads to ${inside}`, async () => {
			const { lookup, asked } = answering([inside]);
			const fetchSafely = createSafeFetch({ allowInsecureNetwork: false, lookup });
			await assert.rejects(fetchSafely('https://pds.example/'), isUnsafe);
			assert.equal(asked(), 1);
		});
	}

	it('refuses a name of which one address of several is inside', async () => {
		const { lookup } = answering(['1.1.1.1', '127.0.0.1']);
		const fetchSafely = createSafeFetch({ allowInsecureNetwork: false, lookup });
		await assert.rejects(fetchSafely('https://pds.example/'), isUnsafe);
	});

	it('connects to the very address it checked when the name changes in between', async () => {
		const trap = createTcpServer((socket) => socket.destroy()).listen(0, '127.0.0.1');
		await once(trap, 'listening');
		let trapped = 0;
		trap.on('connection', () => trapped++);
		const { port } = trap.address() as AddressInfo;
		// public by its form, and routed nowhere
		const { lookup, asked } = answering(['3ffe::1'], ['127.0.0.1']);
		const fetchSafely = createSafeFetch({ allowInsecureNetwork: false, lookup, timeLimitMs: 500 });
		await assert.rejects(fetchSafely(`https://pds.example:${port}/`), FetchFailed);
		await assert.rejects(fetchSafely(`https://pds.example:${port}/`), isUnsafe);
		assert.equal(asked(), 2);
		assert.equal(trapped, 0);
		trap.close();
	});

	it('does not follow a redirect, and gives it as it is when asked to', async () => {
		const before = connections;
		await assert.rejects(open(`${base}/redirect`), UnsafeFetch);
		await assert.rejects(open(`${base}/redirect`, { redirect: 'error' }), UnsafeFetch);
		const response = await open(`${base}/redirect`, { redirect: 'manual' });
		assert.equal(response.status, 302);
		assert.ok(connections - before <= 3);
	});

	it('stops reading an answer that is too large', () =>
		assert.rejects(open(`${base}/large`), /larger than/));

	it('gives up on a server that says nothing, or never ends', async () => {
		for (const path of ['/silent', '/endless']) {
			const startedAt = performance.now();
			await assert.rejects(open(base + path), FetchFailed);
			assert.ok(performance.now() - startedAt < 2_000, path);
		}
	});

	it('gives up when the caller does', async () => {
		const signal = AbortSignal.timeout(50);
		const startedAt = performance.now();
		await assert.rejects(open(`${base}/silent`, { signal }), FetchFailed);
		assert.ok(performance.now() - startedAt < 500);
	});

	it('says that nobody answered when nobody listens', async () => {
		const closed = createServer().listen(0, '127.0.0.1');
		await once(closed, 'listening');
		const { port } = closed.address() as AddressInfo;
		closed.close();
		await once(closed, 'close');
		await assert.rejects(open(`http://127.0.0.1:${port}/`), FetchFailed);
	});
});

/** The look-up fails while connecting, so the refusal is the cause of the failure. */
const isUnsafe = (error: unknown) => {
	assert.ok(error instanceof FetchFailed);
	assert.ok(
		error instanceof UnsafeFetch || error.cause instanceof UnsafeFetch,
		String(error.cause)
	);
	return true;
};
