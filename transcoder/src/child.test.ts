import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { runChild, type ChildRun } from './child.ts';
import { descendantsOf, isRunning, until } from './testing/processes.ts';
import { temporaryFolder } from './testing/temp-folder.ts';

function shell(script: string, run: Partial<ChildRun> = {}): ReturnType<typeof runChild> {
	return runChild({
		command: '/bin/sh',
		args: ['-c', script],
		signal: new AbortController().signal,
		maxFileBytes: 1_000_000,
		maxCpuSeconds: 60,
		...run
	});
}

describe('a program the service runs', () => {
	const folder = temporaryFolder();

	it('tells its exit code and what it printed', async () => {
		let output = '';
		const result = await shell('echo out; echo err >&2; exit 3', {
			onStdout: (chunk) => (output += chunk.toString())
		});
		assert.deepEqual(result, { exitCode: 3, crashed: false, stderrTail: ['err'] });
		assert.equal(output, 'out\n');
	});

	it('cannot fill the memory of the service with complaints', async () => {
		const { stderrTail } = await shell(
			'i=0; while [ $i -lt 2000 ]; do echo line $i; i=$((i+1)); done >&2; head -c 9000000 /dev/zero >&2'
		);
		assert.equal(stderrTail.length, 40);
		assert.ok(stderrTail.every((line) => line.length <= 2048));
	});

	it('is killed at once when nobody wants its result any more', async () => {
		const controller = new AbortController();
		const startedMs = performance.now();
		const run = shell('sleep 60 & wait', { signal: controller.signal });
		setTimeout(() => controller.abort(new Error('left')), 100);
		await assert.rejects(run, /left/);
		assert.ok(performance.now() - startedMs < 900, 'without waiting for the forced kill');
		assert.deepEqual(descendantsOf(process.pid).filter(isRunning), []);
	});

	it('does not start when nobody wanted its result to begin with', async () => {
		const path = join(folder, 'started');
		await assert.rejects(shell(`touch ${path}`, { signal: AbortSignal.abort(new Error('left')) }));
		assert.ok(!existsSync(path));
	});

	it('knows neither the token nor anything else of the environment', async () => {
		process.env['TRANSCODER_AUTH_TOKEN'] = 'secret';
		let output = '';
		await shell('env', { onStdout: (chunk) => (output += chunk.toString()) });
		delete process.env['TRANSCODER_AUTH_TOKEN'];
		assert.doesNotMatch(output, /TRANSCODER|secret/);
	});

	it('is stopped when a file it writes grows beyond the limit', async () => {
		const path = join(folder, 'large');
		const result = await shell(`exec head -c 5000000 /dev/zero > ${path}`);
		assert.equal(result.crashed, true);
		assert.ok(statSync(path).size <= 1_000_448);
	});

	it('is stopped when it takes more memory than sound can need', async () => {
		const signal = AbortSignal.timeout(10_000);
		const grow = 'size=x; for i in $(seq 32); do size=$size$size; echo $i; done';
		let output = '';
		const result = await shell(grow, {
			signal,
			onStdout: (chunk) => (output += chunk.toString())
		});
		assert.notEqual(result.exitCode, 0);
		const reached = Number(output.trim().split('\n').at(-1));
		assert.ok(reached >= 24 && reached <= 29, `stopped after 2^${reached} bytes`);
	});

	it('is stopped when it uses the processor for longer than its work can take', async () => {
		const startedMs = performance.now();
		const result = await shell('while :; do :; done', {
			maxCpuSeconds: 1,
			signal: AbortSignal.timeout(20_000)
		});
		assert.equal(result.crashed, true);
		assert.ok(performance.now() - startedMs < 15_000);
	});

	it('can dump nothing, and has few addresses and files', async () => {
		let output = '';
		await shell('for limit in c v n t; do ulimit -$limit; done', {
			maxCpuSeconds: 7,
			onStdout: (chunk) => (output += chunk.toString())
		});
		assert.deepEqual(output.trim().split('\n'), ['0', '2097152', '64', '7']);
	});

	it('dies with the process that runs it, even when that is killed', async () => {
		const module = join(import.meta.dirname, 'child.ts');
		const script = `import { runChild } from ${JSON.stringify(module)};
			await runChild({ command: '/bin/sh', args: ['-c', 'exec sleep 60'], maxFileBytes: 0,
				maxCpuSeconds: 60, signal: new AbortController().signal });`;
		const parent = spawn(process.execPath, ['--input-type=module', '-e', script]);
		const { pid = 0 } = parent;
		await until(
			'the watchdog, its watcher and the program run',
			() => descendantsOf(pid).length === 3
		);
		const pids = descendantsOf(pid);
		parent.kill('SIGKILL');
		await until('all of them are gone', () => !pids.some(isRunning), 2000);
	});
});
