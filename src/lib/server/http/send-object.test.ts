import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtemp, readdir, readlink, rm } from 'node:fs/promises';
import { get, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { factsOf, sampleBytes } from '#lib/server/storage/contract/sample-bytes.ts';
import { createStorage } from '#lib/server/storage/create-storage.ts';
import { ObjectNotFound, ObjectTooShort } from '#lib/server/storage/errors.ts';
import { streamOf } from '#lib/server/storage/source.ts';
import type { Storage } from '#lib/server/storage/storage.ts';
import { startObjectServer } from './send-object-test-server.ts';
import { sendObject, type SendableObject, sendObjectPreflight } from './send-object.ts';

const MIB = 1024 * 1024;
const SIZE = 300_000;
const bytes = sampleBytes(SIZE);
const key = 'audio/00112233aabbccdd.flac';
const object: SendableObject = {
	key,
	...factsOf(bytes),
	contentType: 'audio/flac',
	lastModified: new Date('2026-01-02T03:04:05.678Z')
};
const etag = `"${object.sha256.slice(0, 32)}"`;

let dir: string;
let storage: Storage;
let url: string;
let stop: () => Promise<void>;

before(async () => {
	dir = await mkdtemp(join(tmpdir(), 'plyr-send-'));
	storage = await createStorage({ backend: 'filesystem', dir });
	await storage.put(key, bytes, { contentType: 'audio/flac' });
	({ url, stop } = await startObjectServer(storage, object));
});
after(async () => {
	await stop();
	await rm(dir, { recursive: true, force: true });
});

async function ask(headers: Record<string, string> = {}, method = 'GET') {
	const response = await fetch(url, { method, headers });
	const body = Buffer.from(await response.arrayBuffer());
	return { status: response.status, headers: response.headers, body };
}

describe('a whole file', () => {
	it('comes byte for byte, named by its content and cached for ever', async () => {
		const answer = await ask();
		assert.equal(answer.status, 200);
		assert.deepEqual(answer.body, bytes);
		const expected = {
			'accept-ranges': 'bytes',
			'access-control-allow-origin': '*',
			'cache-control': 'public, max-age=31536000, immutable',
			'content-disposition': 'inline',
			'content-length': String(SIZE),
			'content-type': 'audio/flac',
			'last-modified': 'Fri, 02 Jan 2026 03:04:05 GMT',
			'x-content-type-options': 'nosniff',
			etag
		};
		for (const [name, value] of Object.entries(expected)) {
			assert.equal(answer.headers.get(name), value, name);
		}
		assert.match(answer.headers.get('access-control-expose-headers') ?? '', /content-range/);
	});

	it('can be asked about without its bytes', async () => {
		const answer = await ask({ range: 'bytes=0-9' }, 'HEAD');
		assert.equal(answer.status, 200);
		assert.equal(answer.headers.get('content-length'), String(SIZE));
		assert.equal(answer.headers.get('etag'), etag);
		assert.equal(answer.body.byteLength, 0);
	});

	it('may be empty', async () => {
		const nothing = Buffer.alloc(0);
		const empty = { ...object, key: 'audio/empty.flac', ...factsOf(nothing) };
		await storage.put(empty.key, nothing, { contentType: 'audio/flac' });
		const whole = await sendObject(new Request(url), storage, empty);
		assert.equal(whole.status, 200);
		assert.equal((await whole.arrayBuffer()).byteLength, 0);
		const headers = { range: 'bytes=0-' };
		assert.equal((await sendObject(new Request(url, { headers }), storage, empty)).status, 416);
	});

	it('is called by its title when somebody saves it', async () => {
		const named = { ...object, fileName: 'Ärger "im" café (1).flac' };
		const response = await sendObject(new Request(url, { method: 'HEAD' }), storage, named);
		assert.equal(
			response.headers.get('content-disposition'),
			`inline; filename="_rger _im_ caf_ (1).flac"; ` +
				`filename*=UTF-8''%C3%84rger%20%22im%22%20caf%C3%A9%20%281%29.flac`
		);
		for (const fileName of ['a\r\nset-cookie: x=1', 'broken \ud800 half', '\u0000']) {
			await sendObject(new Request(url, { method: 'HEAD' }), storage, { ...object, fileName });
		}
	});
});

describe('a part of a file', () => {
	const parts: [string, number, number][] = [
		['bytes=0-0', 0, 0],
		['bytes=0-', 0, SIZE - 1],
		['bytes=100-65635', 100, 65_635],
		['bytes=1000-199999', 1000, 199_999],
		['bytes=-1', SIZE - 1, SIZE - 1],
		['bytes=299999-400000', SIZE - 1, SIZE - 1]
	];
	for (const [range, start, end] of parts) {
		it(range, async () => {
			const answer = await ask({ range });
			assert.equal(answer.status, 206);
			assert.equal(answer.headers.get('content-range'), `bytes ${start}-${end}/${SIZE}`);
			assert.equal(answer.headers.get('content-length'), String(end - start + 1));
			assert.equal(answer.headers.get('content-type'), 'audio/flac');
			assert.equal(answer.headers.get('etag'), etag);
			assert.deepEqual(answer.body, bytes.subarray(start, end + 1));
		});
	}

	it('several parts come as one multipart answer of the announced length', async () => {
		const answer = await ask({ range: 'bytes=200000-299999,0-99,1000-70999' });
		assert.equal(answer.status, 206);
		assert.equal(answer.headers.get('content-range'), null);
		assert.equal(answer.headers.get('content-length'), String(answer.body.byteLength));
		const type = answer.headers.get('content-type') ?? '';
		const boundary = /^multipart\/byteranges; boundary=([\w-]+)$/.exec(type)?.[1];
		assert.ok(boundary !== undefined, type);
		const expected = [
			[200_000, 299_999],
			[0, 99],
			[1000, 70_999]
		].flatMap(([start = 0, end = 0]) => [
			Buffer.from(`\r\n--${boundary}\r\ncontent-type: audio/flac\r\n`),
			Buffer.from(`content-range: bytes ${start}-${end}/${SIZE}\r\n\r\n`),
			bytes.subarray(start, end + 1)
		]);
		assert.deepEqual(
			answer.body,
			Buffer.concat([...expected, Buffer.from(`\r\n--${boundary}--\r\n`)])
		);
	});

	it('overlapping parts are joined into one', async () => {
		const answer = await ask({ range: 'bytes=0-99,50-199' });
		assert.equal(answer.headers.get('content-range'), `bytes 0-199/${SIZE}`);
		assert.deepEqual(answer.body, bytes.subarray(0, 200));
	});

	it('that the file does not have is refused with its size', async () => {
		const answer = await ask({ range: `bytes=${SIZE}-` });
		assert.equal(answer.status, 416);
		assert.equal(answer.headers.get('content-range'), `bytes */${SIZE}`);
		assert.equal(answer.headers.get('access-control-allow-origin'), '*');
		assert.notEqual(answer.headers.get('cache-control'), object.contentType);
		assert.doesNotMatch(answer.headers.get('cache-control') ?? '', /immutable/);
		assert.equal(answer.body.byteLength, 0);
	});

	it('of another version is answered with the whole file', async () => {
		const range = 'bytes=0-9';
		assert.equal((await ask({ range, 'if-range': etag })).status, 206);
		assert.equal((await ask({ range, 'if-range': 'Fri, 02 Jan 2026 03:04:05 GMT' })).status, 206);
		assert.equal((await ask({ range, 'if-range': '"other"' })).status, 200);
		assert.equal((await ask({ range, 'if-range': `W/${etag}` })).status, 200);
		assert.equal((await ask({ range: 'bytes=x' })).status, 200);
	});
});

describe('conditions', () => {
	it('a client that has the file is told so, in a few bytes', async () => {
		const conditions: Record<string, string>[] = [
			{ 'if-none-match': etag },
			{ 'if-modified-since': 'Fri, 02 Jan 2026 03:04:05 GMT' },
			{ 'if-none-match': etag, range: 'bytes=0-9' }
		];
		for (const headers of conditions) {
			for (const method of ['GET', 'HEAD']) {
				const answer = await ask(headers, method);
				assert.equal(answer.status, 304);
				assert.equal(answer.headers.get('etag'), etag);
				assert.match(answer.headers.get('cache-control') ?? '', /immutable/);
				assert.equal(answer.body.byteLength, 0);
			}
		}
	});

	it('a client that insists on another version gets nothing', async () => {
		assert.equal((await ask({ 'if-match': '"other"' })).status, 412);
		assert.equal((await ask({ 'if-match': etag })).status, 200);
	});
});

it('pages of other origins may ask for ranges', () => {
	const { status, headers } = sendObjectPreflight();
	assert.equal(status, 204);
	assert.equal(headers.get('access-control-allow-origin'), '*');
	assert.match(headers.get('access-control-allow-headers') ?? '', /range/);
});

it('a file that is missing or too short is known before anything is sent', async () => {
	const missing = { ...object, key: 'audio/missing.flac' };
	const short = { ...object, sizeBytes: SIZE + 1 };
	const asked: RequestInit[] = [
		{},
		{ method: 'HEAD' },
		{ headers: { range: 'bytes=5-9' } },
		{ headers: { range: 'bytes=5-9,1000-2000' } }
	];
	for (const options of asked) {
		await assert.rejects(sendObject(new Request(url, options), storage, missing), ObjectNotFound);
	}
	for (const options of [{}, { method: 'HEAD' }, { headers: { range: 'bytes=-1' } }]) {
		await assert.rejects(sendObject(new Request(url, options), storage, short), ObjectTooShort);
	}
});

describe('listeners that do not read, or leave', () => {
	const LARGE = 64 * MIB;
	const LISTENERS = 200;
	const large = { ...object, key: 'audio/large.flac', sizeBytes: LARGE };
	let server: Server;
	let largeUrl: string;
	let stopLarge: () => Promise<void>;
	let bytesRead = 0;
	const responses = new Set<ServerResponse>();

	before(async () => {
		await storage.put(large.key, sampleBytes(LARGE), { contentType: 'audio/flac' });
		async function* counting(chunks: AsyncIterable<Uint8Array>) {
			for await (const chunk of chunks) {
				assert.ok(chunk.byteLength <= 64 * 1024);
				bytesRead += chunk.byteLength;
				yield chunk;
			}
		}
		const counted: Pick<Storage, 'read' | 'head'> = {
			head: (name) => storage.head(name),
			read: async (name, options) => {
				const chunks = await storage.read(name, options);
				return streamOf(counting(chunks));
			}
		};
		({ server, url: largeUrl, stop: stopLarge } = await startObjectServer(counted, large));
		server.on('request', (_: IncomingMessage, outgoing: ServerResponse) => responses.add(outgoing));
	});
	after(() => stopLarge());

	const listen = async (range?: string): Promise<IncomingMessage> => {
		const headers = range === undefined ? {} : { range };
		const request = get(largeUrl, { headers, agent: false });
		// leaving on purpose is no failure
		request.on('error', () => undefined);
		const [incoming] = (await once(request, 'response')) as [IncomingMessage];
		incoming.on('error', () => undefined);
		incoming.pause();
		return incoming;
	};

	const openCopies = async () => {
		const names = await readdir('/proc/self/fd');
		const targets = await Promise.all(
			names.map((name) => readlink(join('/proc/self/fd', name)).catch(() => ''))
		);
		return targets.filter((target) => target.endsWith(large.key)).length;
	};

	const untilNoneOpen = async () => {
		for (let tries = 0; tries < 100 && (await openCopies()) > 0; tries += 1) await sleep(20);
		return await openCopies();
	};

	it('a paused listener holds 64 KiB of ours, and reading stops', async () => {
		bytesRead = 0;
		responses.clear();
		const incoming = await listen();
		// the system's own buffers fill first
		const stillFor = { reads: -1, rounds: 0 };
		for (let round = 0; round < 100 && stillFor.rounds < 5; round += 1) {
			await sleep(100);
			stillFor.rounds = bytesRead === stillFor.reads ? stillFor.rounds + 1 : 0;
			stillFor.reads = bytesRead;
		}
		assert.equal(stillFor.rounds, 5, 'it reads on though nobody takes');
		assert.ok(bytesRead < LARGE / 2);
		const [outgoing] = responses;
		const socket: Socket | null | undefined = outgoing?.socket;
		assert.ok(outgoing && socket);
		assert.ok(socket.writableLength <= 64 * 1024 + 1024, String(socket.writableLength));
		incoming.destroy();
		assert.equal(await untilNoneOpen(), 0);
	});

	it('200 paused listeners cost little memory, and leave no open file when they go', async () => {
		const idle = process.memoryUsage.rss();
		const range = (n: number) => (n % 3 === 0 ? 'bytes=0-99999,9000000-60000000' : 'bytes=5-');
		const listeners = await Promise.all(
			Array.from({ length: LISTENERS }, (_, n) => listen(n % 2 === 0 ? range(n) : undefined))
		);
		await sleep(300);
		const grownMib = (process.memoryUsage.rss() - idle) / MIB;
		// 64 KiB each would be 13 MiB; the clients live in this process too, and some of what passed
		// through waits to be collected. without back-pressure it would be 12,800
		assert.ok(grownMib < 160, `${grownMib} MiB for ${LISTENERS} listeners`);
		const open = await openCopies();
		assert.ok(open >= LISTENERS / 2, `${open} open files`);
		for (const incoming of listeners) incoming.destroy();
		assert.equal(await untilNoneOpen(), 0);
	});

	it('a listener that leaves before the answer begins leaves no open file', async () => {
		const controller = new AbortController();
		await sendObject(new Request(largeUrl, controller), storage, large);
		assert.equal(await openCopies(), 1);
		controller.abort();
		assert.equal(await untilNoneOpen(), 0);
	});

	it('after a pause the rest arrives, every byte of it', async () => {
		const incoming = await listen('bytes=1000000-40000000');
		await sleep(100);
		incoming.resume();
		const received: Buffer[] = [];
		for await (const chunk of incoming) received.push(chunk as Buffer);
		const expected = sampleBytes(LARGE).subarray(1_000_000, 40_000_001);
		assert.deepEqual(factsOf(Buffer.concat(received)), factsOf(expected));
	});
});
