import assert from 'node:assert/strict';
import { chmodSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it, mock } from 'node:test';
import { ToolFinder } from './ffmpeg.ts';
import { temporaryFolder } from './testing/temp-folder.ts';

function writeProgram(path: string, script: string): void {
	writeFileSync(path, `#!/bin/sh\n${script}\n`);
	chmodSync(path, 0o755);
}

async function withPath<Result>(path: string, work: () => Promise<Result>): Promise<Result> {
	const before = process.env['PATH'];
	process.env['PATH'] = path;
	try {
		return await work();
	} finally {
		process.env['PATH'] = before;
	}
}

describe('finding ffmpeg', () => {
	it('takes what is on the PATH, with its version', async () => {
		const tools = await new ToolFinder({ ffmpegPath: null, ffprobePath: null }).find();
		assert.match(tools?.ffmpeg ?? '', /^\/.*\/ffmpeg$/);
		assert.match(tools?.ffprobe ?? '', /^\/.*\/ffprobe$/);
		assert.match(tools?.version ?? '', /^\S+$/);
	});

	it('takes ffprobe from beside a given ffmpeg', async () => {
		const folder = join(temporaryFolder(), 'bin');
		mkdirSync(folder);
		writeProgram(join(folder, 'ffmpeg'), 'echo "ffmpeg version 9.9-test Copyright"');
		writeProgram(join(folder, 'ffprobe'), 'exit 0');
		const finder = new ToolFinder({ ffmpegPath: join(folder, 'ffmpeg'), ffprobePath: null });
		assert.deepEqual(await finder.find(), {
			ffmpeg: join(folder, 'ffmpeg'),
			ffprobe: join(folder, 'ffprobe'),
			version: '9.9-test'
		});
	});

	it('notices within ten seconds that it was installed, or removed, and not more often', async () => {
		const folder = temporaryFolder();
		const finder = new ToolFinder({ ffmpegPath: null, ffprobePath: null });
		const clock = mock.method(performance, 'now', () => 0);
		await withPath(folder, async () => {
			assert.equal(await finder.find(), null);
			writeProgram(join(folder, 'ffmpeg'), 'echo "ffmpeg version 1 x"');
			writeProgram(join(folder, 'ffprobe'), 'exit 0');
			clock.mock.mockImplementation(() => 9999);
			assert.equal(await finder.find(), null);
			clock.mock.mockImplementation(() => 10_000);
			assert.equal((await finder.find())?.version, '1');
			rmSync(join(folder, 'ffprobe'));
			clock.mock.mockImplementation(() => 20_000);
			await assert.rejects(finder.require(), { status: 503, code: 'ffmpeg_missing', headers: {} });
		});
		clock.mock.restore();
	});

	it('finds nothing in a program that is broken', async () => {
		const folder = temporaryFolder();
		writeProgram(join(folder, 'ffmpeg'), 'exit 1');
		writeProgram(join(folder, 'ffprobe'), 'exit 0');
		const finder = new ToolFinder({ ffmpegPath: join(folder, 'ffmpeg'), ffprobePath: null });
		assert.equal(await finder.find(), null);
	});
});
