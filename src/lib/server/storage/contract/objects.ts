import assert from 'node:assert/strict';
import { it } from 'node:test';
import { InvalidKey, ObjectNotFound, ObjectTooShort } from '../errors.ts';
import {
	arriving,
	breakingAt,
	collect,
	ConnectionLost,
	factsOf,
	sampleBytes,
	stallingAfter
} from './sample-bytes.ts';
import type { Subject } from './subject.ts';

const MIB = 1024 * 1024;
const mp3 = { contentType: 'audio/mpeg' };

// empty, one byte, one read, and around the size of one and two parts of an S3 upload
const SIZES = [0, 1, 64 * 1024, 8 * MIB - 1, 8 * MIB, 8 * MIB + 1, 16 * MIB];

const BAD_KEYS = [
	...['', '/', '/etc/passwd', '../x', 'audio/../../x', 'audio/..', './x', 'audio//x', 'audio/'],
	...['audio/.hidden', 'audio\\x', 'audio/\0', 'audio/a b', 'audio/é', 'audio/%2e%2e/x', 'a\n'],
	...['staging', 'staging/x', 'STAGING/x', 'x'.repeat(600), `audio/${'x'.repeat(250)}`]
];

/** What every store promises of published objects. */
export function objectsContract(open: () => Subject): void {
	for (const size of SIZES) {
		it(`a file of ${size} bytes comes back byte for byte, with its size and hash`, async () => {
			const { storage } = open();
			const bytes = sampleBytes(size);
			const key = `audio/size-${size}.mp3`;
			assert.deepEqual(await storage.put(key, arriving(bytes), mp3), factsOf(bytes));
			assert.deepEqual(factsOf(await collect(await storage.read(key))), factsOf(bytes));
			const facts = await storage.head(key);
			assert.equal(facts?.sizeBytes, size);
			assert.ok(Math.abs(Date.now() - facts.lastModified.getTime()) < 60_000);
		});
	}

	it('bytes at hand are stored like a stream', async () => {
		const { storage } = open();
		const bytes = sampleBytes(1000);
		assert.deepEqual(await storage.put('images/at-hand.webp', bytes, mp3), factsOf(bytes));
		assert.deepEqual(await collect(await storage.read('images/at-hand.webp')), bytes);
	});

	it('putting the same key again replaces the file', async () => {
		const { storage } = open();
		await storage.put('images/again.webp', sampleBytes(100, 1), mp3);
		await storage.put('images/again.webp', sampleBytes(50, 2), mp3);
		assert.deepEqual(await collect(await storage.read('images/again.webp')), sampleBytes(50, 2));
	});

	for (const arrived of [10_000, 20 * MIB]) {
		it(`a source that breaks after ${arrived} bytes leaves nothing behind`, async () => {
			const { storage, unfinished } = open();
			const source = breakingAt(sampleBytes(24 * MIB), arrived);
			await assert.rejects(storage.put('audio/broken.mp3', source, mp3), ConnectionLost);
			assert.equal(await storage.head('audio/broken.mp3'), null);
			assert.deepEqual(await unfinished(), []);
		});
	}

	it('a broken replacement leaves the file that was there', async () => {
		const { storage } = open();
		await storage.put('audio/kept.mp3', sampleBytes(100), mp3);
		const source = breakingAt(sampleBytes(9 * MIB), 8 * MIB + 5);
		await assert.rejects(storage.put('audio/kept.mp3', source, mp3), ConnectionLost);
		assert.deepEqual(await collect(await storage.read('audio/kept.mp3')), sampleBytes(100));
	});

	it('aborting ends a put whose source is silent, and leaves nothing behind', async () => {
		const { storage, unfinished } = open();
		const controller = new AbortController();
		const giveUp = () => controller.abort(new ConnectionLost('gave up'));
		const source = stallingAfter(sampleBytes(9 * MIB), giveUp);
		const options = { ...mp3, signal: controller.signal };
		await assert.rejects(storage.put('audio/silent.mp3', source, options), ConnectionLost);
		assert.equal(await storage.head('audio/silent.mp3'), null);
		assert.deepEqual(await unfinished(), []);
	});

	it('ranges are read with both ends inclusive', async () => {
		const { storage } = open();
		const bytes = sampleBytes(200_000);
		await storage.put('audio/ranges.mp3', bytes, mp3);
		const read = async (range: { start?: number; end?: number }) =>
			await collect(await storage.read('audio/ranges.mp3', range));
		assert.deepEqual(await read({ start: 0, end: 0 }), bytes.subarray(0, 1));
		assert.deepEqual(await read({ start: 5, end: 99_999 }), bytes.subarray(5, 100_000));
		assert.deepEqual(await read({ start: 199_999 }), bytes.subarray(199_999));
		assert.deepEqual(await read({ end: 9 }), bytes.subarray(0, 10));
		assert.deepEqual(await read({ start: 0, end: 199_999 }), bytes);
		assert.deepEqual(await read({ start: 200_000 }), Buffer.alloc(0));
	});

	it('a range that the file does not have is an error before the first byte', async () => {
		const { storage } = open();
		await storage.put('audio/short.mp3', sampleBytes(100), mp3);
		const wanted = [{ start: 101 }, { start: 0, end: 100 }, { start: 100, end: 100 }];
		for (const range of [...wanted, { start: 500, end: 600 }]) {
			await assert.rejects(storage.read('audio/short.mp3', range), ObjectTooShort);
		}
	});

	it('reading what is not there is an error before the first byte', async () => {
		const { storage } = open();
		await assert.rejects(storage.read('audio/nothing.mp3'), ObjectNotFound);
		await assert.rejects(storage.read('audio/nothing.mp3', { start: 5, end: 9 }), ObjectNotFound);
		await storage.put('nested/folder/file.mp3', sampleBytes(1), mp3);
		await assert.rejects(storage.read('nested/folder'), ObjectNotFound);
		assert.equal(await storage.head('nested/folder'), null);
		assert.equal(await storage.head('audio/nothing.mp3'), null);
	});

	it('a reader that leaves, or whose signal aborts, ends the stream', async () => {
		const { storage } = open();
		const bytes = sampleBytes(3 * MIB);
		await storage.put('audio/left.mp3', bytes, mp3);
		for await (const chunk of await storage.read('audio/left.mp3')) {
			assert.ok(chunk.byteLength <= 64 * 1024);
			break;
		}
		const controller = new AbortController();
		const stream = await storage.read('audio/left.mp3', { signal: controller.signal });
		const reader = stream.getReader();
		await reader.read();
		controller.abort(new ConnectionLost('left'));
		await assert.rejects(async () => {
			for (;;) if ((await reader.read()).done) return;
		}, ConnectionLost);
	});

	it('deleting twice is fine, and only that file goes', async () => {
		const { storage } = open();
		await storage.put('audio/one.mp3', sampleBytes(10), mp3);
		await storage.put('audio/two.mp3', sampleBytes(10), mp3);
		await storage.delete('audio/one.mp3');
		await storage.delete('audio/one.mp3');
		await storage.delete('never/was/here.mp3');
		assert.equal(await storage.head('audio/one.mp3'), null);
		assert.equal((await storage.head('audio/two.mp3'))?.sizeBytes, 10);
	});

	it('a list has every published file under the prefix and nothing that is staged', async () => {
		const { storage } = open();
		await storage.staging.append('staged-only', 0, sampleBytes(10));
		for (const name of ['a.mp3', 'ab.mp3', 'sub/abc.mp3']) {
			await storage.put(`listing/${name}`, sampleBytes(7), mp3);
		}
		const keys = async (prefix: string) => {
			const found: string[] = [];
			for await (const { key, sizeBytes } of storage.list(prefix)) {
				if (key.startsWith('listing/')) assert.equal(sizeBytes, 7);
				found.push(key);
			}
			return found.toSorted();
		};
		assert.deepEqual(await keys('listing/a'), ['listing/a.mp3', 'listing/ab.mp3']);
		assert.deepEqual(await keys('listing/sub/'), ['listing/sub/abc.mp3']);
		assert.deepEqual(await keys('listing/none'), []);
		assert.deepEqual(await keys('no-such-folder/x'), []);
		const all = await keys('');
		assert.ok(all.includes('listing/a.mp3') && all.includes('listing/sub/abc.mp3'));
		assert.ok(all.every((key) => !key.startsWith('staging') && !key.includes('staged-only')));
	});

	for (const key of BAD_KEYS) {
		it(`no operation takes the key ${JSON.stringify(key.slice(0, 30))}`, async () => {
			const { storage } = open();
			const promised = { ...factsOf(sampleBytes(3)), ...mp3 };
			await storage.staging.append('for-bad-key', 0, sampleBytes(0));
			const attempts: (() => Promise<unknown>)[] = [
				() => storage.put(key, sampleBytes(3), mp3),
				() => storage.read(key),
				() => storage.head(key),
				() => storage.delete(key),
				() => storage.browserUrl(key),
				() => storage.downloadUrl(key, 'attachment'),
				() => storage.staging.publish('for-bad-key', key, promised)
			];
			for (const attempt of attempts) {
				await assert.rejects(attempt, InvalidKey);
			}
		});
	}

	it('a store that works says so', async () => {
		await open().storage.check();
		assert.deepEqual(await open().unfinished(), []);
	});
}
