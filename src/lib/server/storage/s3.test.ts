import {
	CreateMultipartUploadCommand,
	HeadObjectCommand,
	ListMultipartUploadsCommand,
	ListObjectsV2Command,
	type S3Client
} from '@aws-sdk/client-s3';
import assert from 'node:assert/strict';
import { createServer, request as httpRequest, type IncomingMessage, type Server } from 'node:http';
import { after, before, it } from 'node:test';
import { describeWithS3, startTestBucket, type TestBucket } from './contract/bucket.ts';
import { arriving, collect, factsOf, sampleBytes } from './contract/sample-bytes.ts';
import { createStorage } from './create-storage.ts';
import { ObjectExists, StorageUnavailable } from './errors.ts';
import type { S3Config } from './s3-bucket.ts';
import type { Storage } from './storage.ts';

const MIB = 1024 * 1024;
const mp3 = { contentType: 'audio/mpeg' };

describeWithS3('a bucket', () => {
	let bucket: TestBucket;
	let client: S3Client;
	let config: S3Config;
	let storage: Storage;
	let Bucket: string;

	before(async () => {
		bucket = await startTestBucket();
		({ client, config, name: Bucket } = bucket);
		storage = await createStorage(config);
	});
	after(() => bucket.stop());

	const keysUnder = async (Prefix: string) => {
		const { Contents = [] } = await client.send(new ListObjectsV2Command({ Bucket, Prefix }));
		return Contents.map(({ Key, Size }) => [Key, Size]);
	};

	it('a published file has its type, is cached for ever and plays in place', async () => {
		const bytes = sampleBytes(9 * MIB);
		await storage.staging.append('typed', 0, arriving(bytes));
		await storage.staging.publish('typed', 'audio/typed.flac', {
			...factsOf(bytes),
			contentType: 'audio/flac'
		});
		const facts = await client.send(new HeadObjectCommand({ Bucket, Key: 'audio/typed.flac' }));
		assert.equal(facts.ContentType, 'audio/flac');
		assert.equal(facts.CacheControl, 'public, max-age=31536000, immutable');
		assert.equal(facts.ContentDisposition, 'inline');
		assert.equal((await storage.head('audio/typed.flac'))?.contentType, 'audio/flac');
	});

	it('a signed address plays, seeks and cannot be altered', async () => {
		const bytes = sampleBytes(1000);
		await storage.put('audio/signed.mp3', bytes, mp3);
		const url = await storage.browserUrl('audio/signed.mp3');
		assert.ok(url !== null);
		const part = await fetch(url, { headers: { range: 'bytes=10-19' } });
		assert.equal(part.status, 206);
		assert.equal(part.headers.get('content-type'), 'audio/mpeg');
		assert.equal(part.headers.get('content-range'), 'bytes 10-19/1000');
		assert.deepEqual(Buffer.from(await part.arrayBuffer()), bytes.subarray(10, 20));
		const altered = await fetch(url.replace('signed.mp3', 'typed.flac'));
		assert.equal(altered.status, 403);
		await altered.arrayBuffer();
	});

	it('a signed address stays the same for half of its time, so that it can be cached', async (test) => {
		test.mock.timers.enable({ apis: ['Date'], now: Date.UTC(2026, 0, 1, 12, 0, 1) });
		const first = await storage.browserUrl('audio/signed.mp3');
		test.mock.timers.tick(298_000);
		assert.equal(await storage.browserUrl('audio/signed.mp3'), first);
		test.mock.timers.tick(2_000);
		assert.notEqual(await storage.browserUrl('audio/signed.mp3'), first);
	});

	it('an address to save a file from says what it is called, and ends', async (test) => {
		const bytes = sampleBytes(1000);
		await storage.put('audio/saved.flac', bytes, { contentType: 'audio/flac' });
		const publicBucket = await createStorage({
			...config,
			publicBaseUrl: 'https://cdn.example.org'
		});
		const disposition = `attachment; filename="a - b.flac"; filename*=UTF-8''a%20-%20b.flac`;
		for (const one of [storage, publicBucket]) {
			const url = await one.downloadUrl('audio/saved.flac', disposition);
			assert.ok(url !== null);
			const whole = await fetch(url);
			assert.equal(whole.headers.get('content-disposition'), disposition);
			assert.equal(whole.headers.get('cache-control'), 'private, no-store');
			assert.deepEqual(Buffer.from(await whole.arrayBuffer()), bytes);
			const part = await fetch(url, { headers: { range: 'bytes=990-' } });
			assert.equal(part.status, 206);
			assert.deepEqual(Buffer.from(await part.arrayBuffer()), bytes.subarray(990));
			const altered = await fetch(url.replace('attachment', 'inline'));
			assert.equal(altered.status, 403);
			await altered.arrayBuffer();
		}
		test.mock.timers.enable({ apis: ['Date'], now: Date.now() - 301_000 });
		const old = await storage.downloadUrl('audio/saved.flac', disposition);
		test.mock.timers.reset();
		const ended = await fetch(old ?? '');
		assert.equal(ended.status, 403);
		await ended.arrayBuffer();
		await publicBucket.close();
	});

	it('of a private bucket nothing is read without a signature, and no shared cache keeps it', async () => {
		const closed = await createStorage({ ...config, isPrivate: true });
		await closed.put('audio/closed.mp3', sampleBytes(1000), mp3);
		const url = new URL((await closed.browserUrl('audio/closed.mp3')) ?? '');
		const read = await fetch(url, { headers: { range: 'bytes=0-9' } });
		assert.equal(read.status, 206);
		// the address has half of its 600 seconds left at least
		assert.equal(read.headers.get('cache-control'), 'private, max-age=300');
		await read.arrayBuffer();
		const kept = url.href.replace('private%2C%20max-age%3D300', 'public');
		assert.notEqual(kept, url.href);
		const unsigned = `${url.origin}${url.pathname}`;
		for (const address of [kept, unsigned, `${unsigned}?response-cache-control=public`]) {
			const refused = await fetch(address);
			assert.ok([400, 403].includes(refused.status), `${refused.status} ${address}`);
			await refused.arrayBuffer();
		}
		await closed.close();
	});

	it('a signed address ends', async () => {
		const brief = await createStorage({ ...config, signedUrlSeconds: 2 });
		const url = await brief.browserUrl('audio/signed.mp3');
		assert.ok(url !== null);
		await new Promise((resolve) => setTimeout(resolve, 3100));
		const late = await fetch(url);
		assert.equal(late.status, 403);
		await late.arrayBuffer();
	});

	it('with a public address no signature is needed', async () => {
		const open = await createStorage({ ...config, publicBaseUrl: 'https://media.example/m/' });
		assert.equal(await open.browserUrl('audio/00ff.mp3'), 'https://media.example/m/audio/00ff.mp3');
	});

	it('a staged upload is kept in segments of 8 MiB, the last as long as it is', async () => {
		await storage.staging.append('cut', 0, arriving(sampleBytes(20 * MIB)));
		assert.deepEqual(await keysUnder('staging/cut/'), [
			['staging/cut/0000000000000000', 8 * MIB],
			['staging/cut/0000000008388608', 8 * MIB],
			['staging/cut/0000000016777216', 4 * MIB]
		]);
		await storage.staging.discard('cut');
		assert.deepEqual(await keysUnder('staging/cut/'), []);
	});

	it('multipart uploads that a killed process left are aborted once they are old', async () => {
		const Key = 'audio/left.mp3';
		await client.send(new CreateMultipartUploadCommand({ Bucket, Key }));
		assert.equal(await storage.removeUnfinished(new Date(Date.now() - 3_600_000)), 0);
		assert.equal(await storage.removeUnfinished(new Date(Date.now() + 3_600_000)), 1);
		const { Uploads } = await client.send(new ListMultipartUploadsCommand({ Bucket }));
		assert.equal(Uploads, undefined);
	});

	it('a server that does not know conditional writes is used without them', async (test) => {
		const seen: string[] = [];
		const proxy = await startProxy(String(config.endpoint), (incoming) => {
			if (incoming.headers['if-none-match'] === undefined) return null;
			seen.push(String(incoming.url));
			return 501;
		});
		test.after(() => proxy.close());
		const plain = await createStorage({ ...config, endpoint: addressOf(proxy) });
		const bytes = sampleBytes(9 * MIB);
		assert.equal(await plain.staging.append('plain', 0, arriving(bytes)), bytes.byteLength);
		const promised = { ...factsOf(bytes), ...mp3 };
		await plain.staging.publish('plain', 'audio/plain.mp3', promised);
		assert.equal(seen.length, 1, 'it asks once');
		assert.deepEqual(factsOf(await collect(await plain.read('audio/plain.mp3'))), factsOf(bytes));
		const other = sampleBytes(9 * MIB, 2);
		await plain.staging.append('other', 0, other);
		const overwriting = { ...factsOf(other), ...mp3 };
		await assert.rejects(
			plain.staging.publish('other', 'audio/plain.mp3', overwriting),
			ObjectExists
		);
		await plain.close();
	});

	it('a segment whose answer is lost is not taken for somebody else’s', async (test) => {
		let lost = 0;
		const proxy = await startProxy(String(config.endpoint), (incoming) =>
			incoming.method === 'PUT' && incoming.url?.includes('/staging/lost/') && lost++ === 0
				? 'lose-answer'
				: null
		);
		test.after(() => proxy.close());
		const flaky = await createStorage({ ...config, endpoint: addressOf(proxy) });
		assert.equal(await flaky.staging.append('lost', 0, sampleBytes(1000)), 1000);
		assert.ok(lost >= 2, 'it was sent again');
		assert.deepEqual(await collect(await storage.staging.read('lost')), sampleBytes(1000));
		await flaky.close();
	});

	it('a server that is down, or a wrong key, is a fault of the store', async () => {
		const wrong = await createStorage({ ...config, secretAccessKey: 'wrong' });
		await assert.rejects(wrong.check(), StorageUnavailable);
		await assert.rejects(wrong.head('audio/signed.mp3'), StorageUnavailable);
		const down = await createStorage({ ...config, endpoint: 'http://127.0.0.1:9' });
		await assert.rejects(down.check(), StorageUnavailable);
		await assert.rejects(down.put('audio/x.mp3', sampleBytes(9), mp3), StorageUnavailable);
		await assert.rejects(down.read('audio/x.mp3'), StorageUnavailable);
		await assert.rejects(down.staging.append('x', 0, sampleBytes(9)), StorageUnavailable);
		const nowhere = await createStorage({ ...config, bucket: 'no-such-bucket' });
		await assert.rejects(nowhere.check(), StorageUnavailable);
		await assert.rejects(nowhere.read('audio/signed.mp3'), StorageUnavailable);
	});

	it('a store that hangs fails its check in five seconds', async (test) => {
		const silent = createServer(() => undefined);
		await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
		test.after(() => {
			silent.closeAllConnections();
			silent.close();
		});
		const hanging = await createStorage({ ...config, endpoint: addressOf(silent) });
		const begin = Date.now();
		await assert.rejects(hanging.check(), StorageUnavailable);
		assert.ok(Date.now() - begin < 7_000);
		await hanging.close();
	});
});

function addressOf(server: Server): string {
	const address = server.address();
	assert.ok(address !== null && typeof address === 'object');
	return `http://127.0.0.1:${address.port}`;
}

/**
 * Passes requests on unchanged (the signature covers the host name they were sent to), except
 * where it is told to answer with a status, or to carry a request out and drop the answer.
 */
async function startProxy(
	target: string,
	decide: (incoming: IncomingMessage) => number | 'lose-answer' | null
): Promise<Server> {
	const { hostname, port } = new URL(target);
	const proxy = createServer((incoming, outgoing) => {
		const decision = decide(incoming);
		if (typeof decision === 'number') {
			incoming.resume().once('end', () => outgoing.writeHead(decision).end());
			return;
		}
		const { method, url: path, headers } = incoming;
		const passed = httpRequest({ hostname, port, method, path, headers }, (answer) => {
			if (decision === 'lose-answer') {
				outgoing.destroy();
				return;
			}
			outgoing.writeHead(answer.statusCode ?? 500, answer.headers);
			answer.pipe(outgoing);
		});
		passed.once('error', () => outgoing.destroy());
		incoming.pipe(passed);
	});
	await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
	return proxy;
}
