import assert from 'node:assert/strict';
import { it } from 'node:test';
import { ContentMismatch, ObjectExists, StagedUploadNotFound } from '../errors.ts';
import { arriving, collect, factsOf, sampleBytes } from './sample-bytes.ts';
import type { Subject } from './subject.ts';

const MIB = 1024 * 1024;
const mp3 = { contentType: 'audio/mpeg' };

/** What every store promises of the way from a staged upload to a published file. */
export function publishingContract(open: () => Subject): void {
	it('published bytes are the staged ones, and stay when the upload is discarded', async () => {
		const { storage } = open();
		const bytes = sampleBytes(17 * MIB);
		await storage.staging.append('pub', 0, arriving(bytes));
		await storage.staging.publish('pub', 'audio/pub.mp3', { ...factsOf(bytes), ...mp3 });
		assert.equal(await storage.staging.size('pub'), bytes.byteLength);
		await storage.staging.discard('pub');
		await storage.staging.discard('pub');
		assert.equal(await storage.staging.size('pub'), null);
		await assert.rejects(storage.staging.read('pub'), StagedUploadNotFound);
		assert.deepEqual(factsOf(await collect(await storage.read('audio/pub.mp3'))), factsOf(bytes));
	});

	it('publishing again after a crash anywhere is a success', async () => {
		const { storage, other } = open();
		const bytes = sampleBytes(9 * MIB);
		const promised = { ...factsOf(bytes), ...mp3 };
		await storage.staging.append('crash', 0, arriving(bytes));
		await storage.staging.publish('crash', 'audio/crash.mp3', promised);
		await other.staging.publish('crash', 'audio/crash.mp3', promised);
		await storage.staging.discard('crash');
		await other.staging.publish('crash', 'audio/crash.mp3', promised);
		assert.deepEqual(factsOf(await collect(await storage.read('audio/crash.mp3'))), factsOf(bytes));
	});

	it('two uploads of the same bytes publish to one file, also at the same moment', async () => {
		const { storage, other } = open();
		const bytes = sampleBytes(9 * MIB);
		const promised = { ...factsOf(bytes), ...mp3 };
		for (const id of ['same-1', 'same-2', 'same-3']) {
			await storage.staging.append(id, 0, arriving(bytes));
		}
		await Promise.all([
			storage.staging.publish('same-1', 'audio/same.mp3', promised),
			other.staging.publish('same-2', 'audio/same.mp3', promised)
		]);
		await storage.staging.publish('same-3', 'audio/same.mp3', promised);
		assert.deepEqual(factsOf(await collect(await storage.read('audio/same.mp3'))), factsOf(bytes));
	});

	it('a published file is never overwritten by other bytes', async () => {
		const { storage, unfinished } = open();
		const published = sampleBytes(9 * MIB, 1);
		await storage.put('audio/never.mp3', published, mp3);
		for (const other of [sampleBytes(9 * MIB, 2), sampleBytes(5, 3)]) {
			const id = `never-${other.byteLength}`;
			await storage.staging.append(id, 0, other);
			const promised = { ...factsOf(other), ...mp3 };
			await assert.rejects(storage.staging.publish(id, 'audio/never.mp3', promised), ObjectExists);
			assert.equal(await storage.staging.size(id), other.byteLength);
		}
		const kept = await collect(await storage.read('audio/never.mp3'));
		assert.deepEqual(factsOf(kept), factsOf(published));
		assert.deepEqual(await unfinished(), []);
	});

	it('bytes that are not the promised ones are not published', async () => {
		const { storage, unfinished } = open();
		const bytes = sampleBytes(9 * MIB);
		await storage.staging.append('liar', 0, bytes);
		const promises = [
			{ ...factsOf(bytes), sha256: '0'.repeat(64) },
			{ ...factsOf(bytes), sizeBytes: 5 },
			{ ...factsOf(bytes), sizeBytes: 10 * MIB }
		];
		for (const promised of promises) {
			const publishing = storage.staging.publish('liar', 'audio/liar.mp3', { ...promised, ...mp3 });
			await assert.rejects(publishing, ContentMismatch);
		}
		assert.equal(await storage.head('audio/liar.mp3'), null);
		assert.deepEqual(await unfinished(), []);
		const promised = { ...factsOf(bytes), ...mp3 };
		await assert.rejects(
			storage.staging.publish('nobody', 'audio/nobody.mp3', promised),
			StagedUploadNotFound
		);
	});

	it('bytes appended to a published upload do not reach the published file', async () => {
		const { storage } = open();
		const bytes = sampleBytes(1000);
		await storage.staging.append('sealed', 0, bytes);
		await storage.staging.publish('sealed', 'audio/sealed.mp3', { ...factsOf(bytes), ...mp3 });
		await storage.staging.append('sealed', 1000, sampleBytes(5)).catch(() => undefined);
		assert.deepEqual(await collect(await storage.read('audio/sealed.mp3')), bytes);
	});

	it('deleting a published file leaves the upload it was made of', async () => {
		const { storage } = open();
		const bytes = sampleBytes(1000);
		await storage.staging.append('made-of', 0, bytes);
		await storage.staging.publish('made-of', 'audio/made-of.mp3', { ...factsOf(bytes), ...mp3 });
		await storage.delete('audio/made-of.mp3');
		assert.deepEqual(await collect(await storage.staging.read('made-of')), bytes);
		await storage.staging.publish('made-of', 'audio/made-of.mp3', { ...factsOf(bytes), ...mp3 });
		assert.deepEqual(await collect(await storage.read('audio/made-of.mp3')), bytes);
	});
}
