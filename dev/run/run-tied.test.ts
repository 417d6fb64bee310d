import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { runTied } from './run-tied.mjs';

async function waitFor(condition: () => boolean): Promise<void> {
	for (let waitedMs = 0; !condition() && waitedMs < 8000; waitedMs += 50) await sleep(50);
	assert.ok(condition(), String(condition));
}

const isAlive = (pid: number): boolean => existsSync(`/proc/${pid}`);

describe('a program that knows nothing of us', () => {
	let dir: string;
	before(async () => {
		dir = await mkdtemp(path.join(tmpdir(), 'plyr-tied-'));
	});
	after(() => rm(dir, { recursive: true, force: true }));

	/** A program that starts another one, as npm and apt-get do, and notes both. */
	const noteAndSleep = (file: string) =>
		`sleep 60 & echo "$$ $!" > ${path.join(dir, file)}.part; mv ${path.join(dir, file)}.part ${path.join(dir, file)}; wait`;
	const notedPids = async (file: string) => {
		await waitFor(() => existsSync(path.join(dir, file)));
		return (await readFile(path.join(dir, file), 'utf8')).trim().split(' ').map(Number);
	};

	it('is run silently, and what it says and how it ends is returned', async () => {
		const good = await runTied('sh', ['-c', 'echo one; echo two >&2']).done;
		assert.deepEqual(good, { succeeded: true, output: 'one\ntwo' });
		const bad = await runTied('sh', ['-c', 'echo no; exit 3']).done;
		assert.deepEqual(bad, { succeeded: false, output: 'no' });
	});

	it('is stopped with all it has started', async () => {
		const program = runTied('sh', ['-c', noteAndSleep('stopped')]);
		const pids = await notedPids('stopped');
		program.stop();
		assert.equal((await program.done).succeeded, false);
		await waitFor(() => !pids.some(isAlive));
	});

	it('does not outlive us, even when we are killed', async () => {
		const script = `
			import { runTied } from ${JSON.stringify(path.join(import.meta.dirname, 'run-tied.mjs'))};
			await runTied('sh', ['-c', ${JSON.stringify(noteAndSleep('orphaned'))}]).done;`;
		const parent = spawn(process.execPath, ['--input-type=module', '-e', script]);
		const pids = await notedPids('orphaned');
		assert.ok(pids.every(isAlive));
		parent.kill('SIGKILL');
		await once(parent, 'exit');
		await waitFor(() => !pids.some(isAlive));
	});
});
