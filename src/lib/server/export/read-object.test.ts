import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, it } from 'node:test';
import { openFilesystemStorage } from '#lib/server/storage/filesystem.ts';
import type { Storage } from '#lib/server/storage/storage.ts';
import { zip } from '#lib/server/zip/zip.ts';
import { readOn } from './read-object.ts';

const MB = 1024 * 1024;
const SIZE_BYTES = 1024 * MB;
const KEY = 'audio/large.wav';

let dir: string;
let storage: Storage;
before(async () => {
	dir = await mkdtemp(path.join(tmpdir(), 'plyr-large-'));
	storage = await openFilesystemStorage(dir);
	await mkdir(path.join(dir, 'audio'), { recursive: true });
	await writeFile(path.join(dir, KEY), '');
	// holes take no room on the disk, and are read as any other byte
	await truncate(path.join(dir, KEY), SIZE_BYTES);
});
after(() => rm(dir, { recursive: true, force: true }));

const archive = (signal: AbortSignal) =>
	zip([
		{
			name: 'large.wav',
			modifiedAt: new Date(),
			content: readOn({ storage }, KEY, { start: 0, sizeBytes: SIZE_BYTES }, signal),
			sizeBytes: SIZE_BYTES
		}
	]);

it('a recording larger than what may be kept of it passes through', async () => {
	const { rss: before } = process.memoryUsage();
	let most = 0;
	let passed = 0;
	let looked = 0;
	for await (const chunk of archive(new AbortController().signal)) {
		passed += chunk.length;
		if (passed - looked < 8 * MB) continue;
		looked = passed;
		most = Math.max(most, process.memoryUsage().rss);
	}
	assert.ok(passed > SIZE_BYTES);
	const grown = Math.round((most - before) / MB);
	assert.ok(grown < 200, `${grown} MiB were kept of ${SIZE_BYTES / MB}`);
});

it('nothing is read that nobody takes, and no more when it is broken off', async () => {
	const stopping = new AbortController();
	const chunks = archive(stopping.signal);
	await chunks.next();
	const first = await chunks.next();
	assert.ok(!first.done && first.value.length < 16 * MB);
	stopping.abort(new Error('nobody takes it'));
	await assert.rejects(async () => {
		for await (const chunk of chunks) assert.ok(chunk.length > 0);
	}, /nobody takes it/);
});
