import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { FlushBehind } from './flush-behind.ts';

describe('sending a growing file to the disk', () => {
	let folder: string;
	before(async () => {
		folder = await mkdtemp(join(tmpdir(), 'plyr-flush-'));
	});
	after(() => rm(folder, { recursive: true, force: true }));

	it('tells in the end what went wrong on the way, and only once', async () => {
		const flush = new FlushBehind();
		const path = join(folder, 'late');
		// nothing there yet: the disk refuses
		flush.start(path);
		await new Promise((resolve) => setTimeout(resolve, 50));
		await writeFile(path, 'here now');
		await assert.rejects(flush.finish(path), { code: 'ENOENT' });
		await flush.finish(path);
	});

	it('has nothing to tell about a file that was given up', async () => {
		const flush = new FlushBehind();
		const path = join(folder, 'gone');
		flush.start(path);
		flush.forget(path);
		await writeFile(path, 'another one');
		await flush.finish(path);
	});
});
