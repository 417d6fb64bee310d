import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { it } from 'node:test';
import { promisify } from 'node:util';
import { AppendInterrupted, InvalidKey, OffsetMismatch, StagedUploadNotFound } from '../errors.ts';
import { largeFileReport } from './large-file.ts';
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

/** What every store promises of uploads on their way in. */
export function stagingContract(open: () => Subject): void {
	it('an upload arrives in several appends and reads back whole, or from anywhere', async () => {
		const { staging } = open().storage;
		const bytes = sampleBytes(20 * MIB + 17);
		let end = 0;
		// below, at and above the size of a segment
		for (const size of [3, 8 * MIB, 64 * 1024, 8 * MIB + 1, 4 * MIB - 64 * 1024 + 13]) {
			const part = arriving(bytes.subarray(end, end + size));
			assert.equal(await staging.append('several', end, part), end + size);
			end += size;
		}
		assert.equal(end, bytes.byteLength);
		assert.equal(await staging.size('several'), end);
		assert.deepEqual(factsOf(await collect(await staging.read('several'))), factsOf(bytes));
		for (const start of [1, 3, 8 * MIB + 3, 12 * MIB, end - 1, end]) {
			const rest = await collect(await staging.read('several', { start }));
			assert.deepEqual(factsOf(rest), factsOf(bytes.subarray(start)), `from ${start}`);
		}
	});

	it('an upload is made to survive a power cut as often as somebody asks, also while it grows', async () => {
		const { staging } = open().storage;
		await assert.rejects(staging.persist('unheard-of'), StagedUploadNotFound);
		const bytes = sampleBytes(40 * MIB);
		const half = await staging.append('durable', 0, arriving(bytes.subarray(0, 20 * MIB)));
		const growing = staging.append('durable', half, arriving(bytes.subarray(half)));
		await Promise.all([staging.persist('durable'), staging.persist('durable'), growing]);
		await staging.persist('durable');
		assert.deepEqual(factsOf(await collect(await staging.read('durable'))), factsOf(bytes));
		await staging.discard('durable');
		await assert.rejects(staging.persist('durable'), StagedUploadNotFound);
	});

	it('an upload begun without a byte exists and takes bytes later', async () => {
		const { storage } = open();
		const { staging } = storage;
		assert.equal(await staging.size('empty'), null);
		assert.equal(await staging.append('empty', 0, arriving(Buffer.alloc(0))), 0);
		assert.equal(await staging.size('empty'), 0);
		assert.deepEqual(await collect(await staging.read('empty')), Buffer.alloc(0));
		await staging.publish('empty', 'audio/empty.mp3', { ...factsOf(Buffer.alloc(0)), ...mp3 });
		assert.equal((await storage.head('audio/empty.mp3'))?.sizeBytes, 0);
		await staging.append('late', 0, arriving(Buffer.alloc(0)));
		assert.equal(await staging.append('late', 0, sampleBytes(9)), 9);
		assert.deepEqual(await collect(await staging.read('late')), sampleBytes(9));
	});

	it('an append at the wrong place is refused with the right one, and changes nothing', async () => {
		const { staging } = open().storage;
		await staging.append('placed', 0, sampleBytes(100));
		for (const offset of [0, 99, 101]) {
			await assert.rejects(staging.append('placed', offset, sampleBytes(5, 9)), {
				name: 'OffsetMismatch',
				offsetBytes: 100
			});
		}
		await assert.rejects(staging.append('unknown', 7, sampleBytes(5)), { offsetBytes: 0 });
		assert.equal(await staging.size('unknown'), null);
		await assert.rejects(staging.read('placed', { start: 101 }), OffsetMismatch);
		assert.deepEqual(await collect(await staging.read('placed')), sampleBytes(100));
	});

	for (const arrived of [0, 70_000, 8 * MIB, 8 * MIB + 70_000]) {
		it(`what arrived before the connection broke at ${arrived} is kept and continued`, async () => {
			const { staging } = open().storage;
			const id = `broken-at-${arrived}`;
			const bytes = sampleBytes(10 * MIB);
			const failure = await rejection(staging.append(id, 0, breakingAt(bytes, arrived)));
			assert.ok(failure instanceof AppendInterrupted);
			assert.ok(failure.cause instanceof ConnectionLost);
			assert.equal(failure.offsetBytes, arrived);
			assert.equal(await staging.size(id), arrived);
			await staging.append(id, arrived, arriving(bytes.subarray(arrived)));
			assert.deepEqual(factsOf(await collect(await staging.read(id))), factsOf(bytes));
		});
	}

	it('aborting ends an append whose source is silent, and keeps what arrived', async () => {
		const { staging } = open().storage;
		const bytes = sampleBytes(9 * MIB);
		const controller = new AbortController();
		const source = stallingAfter(bytes, () => controller.abort());
		const failure = await rejection(staging.append('silent', 0, source, controller));
		assert.ok(failure instanceof AppendInterrupted);
		assert.equal(failure.offsetBytes, 9 * MIB);
		assert.deepEqual(factsOf(await collect(await staging.read('silent'))), factsOf(bytes));
	});

	it('of two appends at the same place one wins, and the other learns where to go on', async () => {
		const { staging } = open().storage;
		const [mine, theirs] = [sampleBytes(9 * MIB, 1), sampleBytes(9 * MIB, 2)];
		const outcomes = await Promise.allSettled([
			staging.append('race', 0, arriving(mine)),
			staging.append('race', 0, arriving(theirs))
		]);
		assert.deepEqual(outcomes.map(({ status }) => status).toSorted(), ['fulfilled', 'rejected']);
		const lost = outcomes.find((outcome) => outcome.status === 'rejected');
		assert.ok(lost?.reason instanceof OffsetMismatch);
		assert.equal(lost.reason.offsetBytes, 9 * MIB);
		assert.deepEqual(factsOf(await collect(await staging.read('race'))), factsOf(mine));
	});

	it('waiting behind another append can be given up', async () => {
		const { staging } = open().storage;
		const first = new AbortController();
		const { promise: silence, resolve: onSilence } = Promise.withResolvers<undefined>();
		const source = stallingAfter(sampleBytes(5), () => onSilence(undefined));
		const stalled = staging.append('queued', 0, source, first);
		await silence;
		const signal = AbortSignal.timeout(50);
		await assert.rejects(
			staging.append('queued', 5, sampleBytes(5), { signal }),
			AppendInterrupted
		);
		const third = staging.append('queued', 5, sampleBytes(5));
		first.abort(new ConnectionLost('gone'));
		await assert.rejects(stalled, { name: 'AppendInterrupted', offsetBytes: 5 });
		assert.equal(await third, 10);
	});

	it('the same bytes sent to two processes at once make one intact upload', async () => {
		const { storage, other } = open();
		const bytes = sampleBytes(17 * MIB);
		const outcomes = await Promise.allSettled([
			storage.staging.append('twice', 0, arriving(bytes)),
			other.staging.append('twice', 0, arriving(bytes))
		]);
		assert.ok(outcomes.some(({ status }) => status === 'fulfilled'));
		const end = await storage.staging.size('twice');
		assert.equal(end, bytes.byteLength);
		assert.deepEqual(factsOf(await collect(await other.staging.read('twice'))), factsOf(bytes));
	});

	it('an append overtaken by another process learns where the upload ends', async () => {
		const { storage, other } = open();
		const bytes = sampleBytes(9 * MIB);
		const { promise: overtaken, resolve } = Promise.withResolvers<undefined>();
		async function* slow() {
			await overtaken;
			yield bytes.subarray(0, 3);
		}
		const losing = rejection(storage.staging.append('overtaken', 0, slow()));
		await new Promise((resolve) => setTimeout(resolve, 200));
		await other.staging.append('overtaken', 0, arriving(bytes));
		resolve(undefined);
		const failure = await losing;
		assert.ok(failure instanceof OffsetMismatch);
		assert.equal(failure.offsetBytes, bytes.byteLength);
		assert.deepEqual(
			factsOf(await collect(await storage.staging.read('overtaken'))),
			factsOf(bytes)
		);
	});

	it('the list of uploads has each with its size and the time of its last byte', async () => {
		const { staging } = open().storage;
		// names that sort between a name and what is stored below it
		const sizes = { 'list-a': 9 * MIB, 'list-a-b': 5, list_c: 0 };
		for (const [id, size] of Object.entries(sizes)) await staging.append(id, 0, sampleBytes(size));
		const found: Record<string, number> = {};
		for await (const { id, sizeBytes, lastModified } of staging.list()) {
			if (id.startsWith('list')) found[id] = sizeBytes;
			assert.ok(Math.abs(Date.now() - lastModified.getTime()) < 120_000);
		}
		assert.deepEqual(found, sizes);
	});

	for (const id of ['', '..', 'a/b', '../audio/x', 'a.b', 'ä', 'x'.repeat(129)]) {
		it(`no operation takes the upload id ${JSON.stringify(id.slice(0, 20))}`, async () => {
			const { staging } = open().storage;
			const promised = { ...factsOf(sampleBytes(3)), ...mp3 };
			const attempts: (() => Promise<unknown>)[] = [
				() => staging.append(id, 0, sampleBytes(3)),
				() => staging.size(id),
				() => staging.read(id),
				() => staging.publish(id, 'audio/x.mp3', promised),
				() => staging.discard(id)
			];
			for (const attempt of attempts) {
				await assert.rejects(attempt, InvalidKey);
			}
		});
	}

	it('300 MB pass through every operation in memory that does not grow with them', async () => {
		const script = join(import.meta.dirname, 'large-file.ts');
		const args = [script, JSON.stringify(open().config)];
		const { stdout } = await promisify(execFile)(process.execPath, args, { timeout: 120_000 });
		const { isIntact, ...growthMib } = largeFileReport.parse(JSON.parse(stdout));
		assert.ok(isIntact);
		for (const [step, grown] of Object.entries(growthMib)) {
			assert.ok(grown < 150, `${step} took ${grown} MiB: ${stdout}`);
		}
	});
}

async function rejection(promise: Promise<unknown>): Promise<unknown> {
	return await promise.then(
		() => assert.fail('it should have failed'),
		(cause: unknown) => cause
	);
}
