import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { runTestFile, type FileResult } from './run-test-file.ts';

describe('a test file', () => {
	let dir: string;
	before(async () => {
		dir = await mkdtemp(path.join(tmpdir(), 'plyr-tests-'));
	});
	after(() => rm(dir, { recursive: true, force: true }));

	const run = async (text: string): Promise<FileResult> => {
		const file = path.join(dir, 'subject.test.ts');
		await writeFile(file, `import { after, before, describe, it } from 'node:test';\n${text}`);
		return runTestFile(file, () => undefined);
	};
	const counts = ({ passed, skipped, failures }: FileResult) => [passed, failures.length, skipped];

	it('is counted test by test, not by its groups', async () => {
		const result = await run(`
			describe('group', () => {
				it('works', () => {});
				it('is left out', { skip: 'no such device' }, () => {});
				it('breaks', () => { throw new Error('the reason'); });
			});`);
		assert.deepEqual(counts(result), [1, 1, 1]);
		const [failure] = result.failures;
		assert.equal(failure?.name, 'group › breaks');
		assert.ok(failure.reason.includes('the reason'));
	});

	it('says what it and its children have used of a processor', async () => {
		const { processorSeconds } = await run(`
			import { spawnSync } from 'node:child_process';
			it('works', () => {
				spawnSync(process.execPath, ['-e', 'while (process.cpuUsage().user < 500_000);']);
			});`);
		assert.ok(processorSeconds > 0.4 && processorSeconds < 5, `${processorSeconds} s`);
	});

	it('has failed when a hook fails', async () => {
		const result = await run(`
			describe('group', () => {
				before(() => { throw new Error('no database'); });
				it('never runs', () => {});
			});`);
		assert.equal(result.passed, 0);
		assert.ok(result.failures.some(({ reason }) => reason.includes('no database')));
	});

	it('has failed when it does not load', async () => {
		const result = await run(`import './is-not-there.ts'; it('works', () => {});`);
		assert.deepEqual(counts(result), [0, 1, 0]);
		assert.match(result.output, /is-not-there/);
	});

	it('has failed when it crashes after its tests, or breaks off in the middle', async () => {
		const crash = `it('works', () => {}); setTimeout(() => { throw new Error('late'); }, 50);`;
		assert.deepEqual(counts(await run(crash)), [1, 1, 0]);
		const exit = `it('works', () => {}); it('leaves', () => process.exit(0));`;
		assert.equal((await run(exit)).failures.length, 1);
	});

	it('has failed when there is no test in it', async () => {
		assert.deepEqual(counts(await run('')), [0, 1, 0]);
	});
});
