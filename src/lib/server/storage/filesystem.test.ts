import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, rm, stat, symlink, truncate, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { createInterface } from 'node:readline';
import { after, before, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { collect, factsOf, sampleBytes } from './contract/sample-bytes.ts';
import { createStorage } from './create-storage.ts';
import { StagedUploadSealed, StorageUnavailable } from './errors.ts';
import type { Storage } from './storage.ts';

const MIB = 1024 * 1024;
const mp3 = { contentType: 'audio/mpeg' };

let dir: string;
let root: string;
let storage: Storage;

before(async () => {
	dir = await mkdtemp(join(tmpdir(), 'plyr-files-'));
	root = join(dir, 'root');
	storage = await createStorage({ backend: 'filesystem', dir: root });
});
after(() => rm(dir, { recursive: true, force: true }));

const unfinished = async () =>
	(await readdir(root, { recursive: true })).filter((path) => basename(path).startsWith('.'));

const openDescriptors = async () => (await readdir('/proc/self/fd')).length;

it('nothing is ever written outside the folder', async () => {
	const before = await readdir(dir);
	const wild = ['../escaped', 'audio/../../escaped', `${dir}/escaped`, '..', 'a/./../../escaped'];
	for (const key of wild) {
		await assert.rejects(storage.put(key, sampleBytes(3), mp3), { name: 'InvalidKey' });
		await assert.rejects(storage.staging.append(key, 0, sampleBytes(3)), { name: 'InvalidKey' });
	}
	assert.deepEqual(await readdir(dir), before);
});

it('a published file is the staged one under a second name: no bytes are copied', async () => {
	const bytes = sampleBytes(100_000);
	await storage.staging.append('linked', 0, bytes);
	await storage.staging.publish('linked', 'audio/linked.mp3', { ...factsOf(bytes), ...mp3 });
	const [staged, published] = await Promise.all([
		stat(join(root, 'staging/linked')),
		stat(join(root, 'audio/linked.mp3'))
	]);
	assert.equal(staged.ino, published.ino);
	await assert.rejects(
		storage.staging.append('linked', 100_000, sampleBytes(1)),
		StagedUploadSealed
	);
	assert.equal((await stat(join(root, 'audio/linked.mp3'))).size, 100_000);
});

/** Tests write into memory where there is plenty of it, and to the disk elsewhere. */
async function folderOnAnotherDisk(): Promise<string | null> {
	for (const disk of ['/dev/shm', '/var/tmp']) {
		const folder = await mkdtemp(join(disk, 'plyr-files-'));
		if ((await stat(folder)).dev !== (await stat(root)).dev) return folder;
		await rm(folder, { recursive: true });
	}
	return null;
}

it('publishing to a folder on another disk copies instead', async (test) => {
	const elsewhere = await folderOnAnotherDisk();
	if (elsewhere === null) {
		test.skip('the temporary folder is on the only disk there is');
		return;
	}
	test.after(() => rm(elsewhere, { recursive: true, force: true }));
	await symlink(elsewhere, join(root, 'mounted'));
	test.after(() => rm(join(root, 'mounted')));
	const bytes = sampleBytes(3 * MIB);
	await storage.staging.append('far', 0, bytes);
	const promised = { ...factsOf(bytes), ...mp3 };
	await storage.staging.publish('far', 'mounted/far.mp3', promised);
	await storage.staging.publish('far', 'mounted/far.mp3', promised);
	assert.deepEqual(await collect(await storage.read('mounted/far.mp3')), bytes);
	assert.deepEqual(await readdir(elsewhere), ['far.mp3']);
	await storage.put('mounted/put.mp3', bytes, mp3);
	assert.deepEqual(await collect(await storage.read('mounted/put.mp3')), bytes);
});

it('a kill in the middle of writing publishes nothing and keeps what was staged', async () => {
	const script = fileURLToPath(import.meta.resolve('./contract/killed-writer.ts'));
	const child = spawn(process.execPath, [script, root], { stdio: ['ignore', 'pipe', 'inherit'] });
	const told = { put: 0, append: 0 };
	for await (const line of createInterface(child.stdout)) {
		const [name, sizeBytes] = line.split(' ');
		if (name === 'put' || name === 'append') told[name] = Number(sizeBytes);
		if (told.put > 4 * MIB && told.append > 4 * MIB) child.kill('SIGKILL');
	}
	if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
	assert.equal(child.signalCode, 'SIGKILL');

	assert.equal(await storage.head('audio/killed.mp3'), null);
	const sizeBytes = (await storage.staging.size('killed')) ?? 0;
	assert.ok(sizeBytes >= told.append, `${sizeBytes} of ${told.append}`);
	const rest = sampleBytes(64 * 1024).subarray(sizeBytes % (64 * 1024));
	const end = await storage.staging.append('killed', sizeBytes, rest);
	assert.equal(end % (64 * 1024), 0);
	const staged = await collect(await storage.staging.read('killed'));
	const expected = Buffer.concat(Array<Buffer>(end / (64 * 1024)).fill(sampleBytes(64 * 1024)));
	assert.deepEqual(factsOf(staged), factsOf(expected));
});

it('what a killed process left unfinished is removed once it is old, and only that', async () => {
	const [left, ...others] = await unfinished();
	assert.ok(left !== undefined && others.length === 0, 'the kill of the test before left one file');
	await storage.put('audio/finished.mp3', sampleBytes(5), mp3);
	assert.equal(await storage.removeUnfinished(new Date(Date.now() - 3_600_000)), 0);
	assert.deepEqual(await unfinished(), [left]);
	const longAgo = new Date(Date.now() - 7_200_000);
	await utimes(join(root, left), longAgo, longAgo);
	await utimes(join(root, 'audio/finished.mp3'), longAgo, longAgo);
	assert.equal(await storage.removeUnfinished(new Date(Date.now() - 3_600_000)), 1);
	assert.deepEqual(await unfinished(), []);
	assert.equal((await storage.head('audio/finished.mp3'))?.sizeBytes, 5);
	assert.notEqual(await storage.staging.size('killed'), null);
});

it('a reader that leaves, fails or finishes closes its file', async () => {
	await storage.put('audio/closed.mp3', sampleBytes(MIB), mp3);
	const before = await openDescriptors();
	for (let round = 0; round < 50; round += 1) {
		const half = (await storage.read('audio/closed.mp3')).getReader();
		const reading = half.read();
		await half.cancel();
		await reading;
		const controller = new AbortController();
		await storage.read('audio/closed.mp3', controller);
		controller.abort();
		const aborted = storage.read('audio/closed.mp3', { signal: AbortSignal.abort() });
		await assert.rejects(aborted, { name: 'AbortError' });
		await collect(await storage.read('audio/closed.mp3', { start: MIB - 10 }));
		await collect(await storage.read('audio/closed.mp3', { start: MIB }));
		await assert.rejects(storage.read('audio/closed.mp3', { start: 0, end: MIB }));
		await assert.rejects(storage.read('audio'));
	}
	// a file that is read when its reader leaves is closed after that read
	await new Promise((resolve) => setTimeout(resolve, 50));
	assert.equal(await openDescriptors(), before);
});

it('a stream reads nothing before it is asked', async () => {
	await storage.put('audio/lazy.mp3', sampleBytes(MIB), mp3);
	const reader = (await storage.read('audio/lazy.mp3')).getReader();
	await writeFile(join(root, 'audio/lazy.mp3'), Buffer.alloc(MIB, 7));
	const { value } = await reader.read();
	assert.deepEqual(value, Buffer.alloc(64 * 1024, 7));
	await writeFile(join(root, 'audio/lazy.mp3'), Buffer.alloc(MIB, 8));
	assert.deepEqual((await reader.read()).value, Buffer.alloc(64 * 1024, 8));
	await truncate(join(root, 'audio/lazy.mp3'), 0);
	await assert.rejects(reader.read(), { name: 'Error' });
});

it('a full disk says that it is full', async () => {
	// every write to this device answers ENOSPC
	await symlink('/dev/full', join(root, 'staging/full'));
	await assert.rejects(storage.staging.append('full', 0, sampleBytes(10)), {
		name: 'StorageUnavailable',
		message: 'the storage is full. try again when there is room'
	});
	await storage.staging.discard('full');
});

it('a folder that is gone is a fault of the store, not a missing file', async () => {
	const gone = join(dir, 'gone');
	const broken = await createStorage({ backend: 'filesystem', dir: gone });
	await rm(gone, { recursive: true });
	await writeFile(gone, 'a file where the folder was');
	await assert.rejects(broken.check(), StorageUnavailable);
	await assert.rejects(broken.put('audio/x.mp3', sampleBytes(1), mp3), StorageUnavailable);
	await assert.rejects(broken.staging.append('x', 0, sampleBytes(1)), StorageUnavailable);
});
