import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { makeSlowWav } from './testing/audio.ts';
import { descendantsOf, isRunning, isConverting, until } from './testing/processes.ts';
import {
	postFile,
	spawnService,
	startServiceProcess,
	type ServiceProcess
} from './testing/service-process.ts';
import { temporaryFolder } from './testing/temp-folder.ts';

async function beginSlowWork(service: ServiceProcess, folder: string): Promise<number[]> {
	postFile(`${service.url}/transcode?target=opus`, makeSlowWav(folder)).catch(() => undefined);
	await until('ffmpeg runs', () => descendantsOf(service.pid).some(isConverting));
	return descendantsOf(service.pid);
}

function runFolders(folder: string): string[] {
	return readdirSync(folder).filter((name) => name.startsWith('plyr-transcoder-'));
}

describe('the transcoder program', () => {
	it('says in one line where it listens', async () => {
		const folder = temporaryFolder();
		const service = await startServiceProcess(folder);
		assert.deepEqual(Object.keys(service.lines[0] ?? {}).slice(0, 2), ['event', 'url']);
		assert.match(service.url, /^http:\/\/127\.0\.0\.1:\d{2,5}$/);
		const answer = await fetch(`${service.url}/health`);
		assert.equal(answer.headers.get('content-type'), 'application/json; charset=utf-8');
		const { ffmpeg, ...rest } = (await answer.json()) as Record<string, unknown>;
		assert.match(String(ffmpeg), /^\S+$/);
		assert.deepEqual(
			{ ...rest, concurrency: 0 },
			{
				status: 'ok',
				running: 0,
				waiting: 0,
				queued: 0,
				concurrency: 0
			}
		);
		await service.end('SIGTERM');
	});

	it('does not start without a key, and says what to do', async () => {
		const { child, lines, stderr } = spawnService({ TRANSCODER_PORT: '70000' });
		const [code] = (await once(child, 'close')) as [number];
		assert.equal(code, 78);
		assert.match(stderr(), /^TRANSCODER_PORT is "70000".*$/m);
		assert.match(stderr(), /^TRANSCODER_AUTH_TOKEN is not set.*example: TRANSCODER_AUTH_TOKEN=/m);
		assert.equal(lines[0]?.['event'], 'transcoder_refused');
		assert.equal((lines[0]['problems'] as string[]).length, 2);
	});

	it('says when somebody else has the port, and leaves nothing behind', async () => {
		const folder = temporaryFolder();
		const first = await startServiceProcess(folder);
		const second = spawnService({
			TRANSCODER_ALLOW_ANONYMOUS: 'true',
			TRANSCODER_TEMP_DIR: folder,
			TRANSCODER_PORT: new URL(first.url).port
		});
		const [code] = (await once(second.child, 'close')) as [number];
		assert.equal(code, 1);
		assert.match(second.stderr(), /cannot be listened on \(EADDRINUSE\).*TRANSCODER_PORT=0/);
		assert.equal(runFolders(folder).length, 1);
		await first.end('SIGTERM');
	});

	for (const signal of ['SIGTERM', 'SIGINT'] as const) {
		it(`stops on ${signal} with its programs and files gone`, async () => {
			const folder = temporaryFolder();
			const service = await startServiceProcess(folder);
			const programs = await beginSlowWork(service, folder);
			const startedMs = performance.now();
			assert.equal(await service.end(signal), 0);
			assert.ok(performance.now() - startedMs < 3000);
			assert.deepEqual(programs.filter(isRunning), []);
			assert.deepEqual(runFolders(folder), []);
		});
	}

	it('stops when its standard input ends, if told to', async () => {
		const folder = temporaryFolder();
		const service = await startServiceProcess(folder);
		const programs = await beginSlowWork(service, folder);
		service.child.ref();
		const exited = once(service.child, 'exit');
		service.child.stdin?.end();
		assert.deepEqual(await exited, [0, null]);
		assert.deepEqual(programs.filter(isRunning), []);
		assert.deepEqual(runFolders(folder), []);
	});

	it('goes on when its standard input ends otherwise', async () => {
		const service = await startServiceProcess(temporaryFolder(), {
			TRANSCODER_STOP_ON_STDIN_END: 'false'
		});
		service.child.stdin?.end();
		await delay(300);
		assert.equal((await fetch(`${service.url}/health`)).status, 200);
		await service.end('SIGTERM');
	});

	it('leaves no program running when it is killed, and its files to the next start', async () => {
		const folder = temporaryFolder();
		const service = await startServiceProcess(folder);
		const programs = await beginSlowWork(service, folder);
		assert.equal(programs.length, 3, 'the watchdog, its watcher and ffmpeg');
		await service.end('SIGKILL');
		await until('ffmpeg is gone', () => !programs.some(isRunning), 2000);
		assert.equal(service.requestFolders().length, 1);
		mkdirSync(join(folder, 'plyr-transcoder-of-somebody'));
		const next = await startServiceProcess(folder);
		assert.deepEqual(service.requestFolders(), []);
		assert.equal(next.lines.find(({ event }) => event === 'transcoder_swept')?.['folders'], 1);
		await next.end('SIGTERM');
		assert.deepEqual(runFolders(folder), ['plyr-transcoder-of-somebody']);
	});
});
