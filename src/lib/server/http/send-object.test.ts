import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { factsOf, sampleBytes } from '#lib/server/storage/contract/sample-bytes.ts';
import { createStorage } from '#lib/server/storage/create-storage.ts';
import { ObjectNotFound, ObjectTooShort } from '#lib/server/storage/errors.ts';
import type { Storage } from '#lib/server/storage/storage.ts';
import { startObjectServer } from './send-object-test-server.ts';
import { sendObject, type SendableObject, sendObjectPreflight } from './send-object.ts';

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
