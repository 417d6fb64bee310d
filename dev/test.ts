import path from 'node:path';
import { runTask, type Lifetime } from './lifetime.ts';
import { ensureBuilt } from './sources.ts';
import { say } from './say.ts';
import { bundleNetwork } from './testing/network-program.ts';
import { runFiles } from './testing/run-files.ts';
import { runTestFile, type FileResult } from './testing/run-test-file.ts';
import { findTestFiles, type TestFile } from './testing/test-files.ts';
import { makeTestFolder } from './testing/test-folder.ts';
import { ensureTestNeeds } from './testing/test-needs.ts';
import { sayFileResult, sayTotals } from './testing/test-report.ts';

// npm test: all tests, or with arguments those files whose path contains one of them:
//   npm test -- src/lib/server/uploads network

/** More files than these do not fail because the machine was busy. */
const RUN_AGAIN_AT_MOST = 3;

/** What the tests of the whole system start: the built product, and a network. */
async function prepareSystem(lifetime: Lifetime): Promise<void> {
	await ensureBuilt(lifetime);
	await bundleNetwork(lifetime);
}

/** Prepares what the files need, and runs them beside each other. */
async function prepareAndRun(lifetime: Lifetime, files: TestFile[]): Promise<FileResult[]> {
	const needsSystem = files.some(({ kind }) => kind !== 'unit');
	const systemIsReady = needsSystem ? prepareSystem(lifetime) : Promise.resolve();
	// whoever waits for it throws; until then it is nobody's
	systemIsReady.catch(() => undefined);
	// a package manager waits for its disk and its line: the build goes on beside it
	await ensureTestNeeds(lifetime);
	return await runFiles(lifetime, files, systemIsReady);
}

/**
 * Of all files, a few that failed are run once more, each by itself: what only fails beside others is
 * a fault that ought to be mended, and is named at the end, but tells nothing about this change.
 * @returns the results, those of the second time in place of the first
 */
async function runFailedAgain(
	lifetime: Lifetime,
	results: readonly FileResult[]
): Promise<FileResult[]> {
	const failed = results.filter(({ failures }) => failures.length > 0);
	if (failed.length === 0 || failed.length > RUN_AGAIN_AT_MOST) return [...results];
	say('\nonce more, by itself:');
	const again: FileResult[] = [];
	for (const { file } of failed) {
		if (lifetime.isEnding()) break;
		const result = await runTestFile(file, (stop) => lifetime.onEnd(stop));
		sayFileResult(result);
		again.push(result);
	}
	const steady = again.filter(({ failures }) => failures.length === 0).map(({ file }) => file);
	if (steady.length > 0) say(`\nfailed beside others only, mend it: ${steady.join(', ')}`);
	return results.map((result) => again.find(({ file }) => file === result.file) ?? result);
}

/**
 * Every file is a process of its own and most start several more: compiled code is kept from run to
 * run, and a database and a network that are ready to be copied (ready-cluster.ts, test-network.ts) for
 * this run.
 */
function shareBetweenFiles(): void {
	process.env['NODE_COMPILE_CACHE'] ??= path.resolve('node_modules/.cache/compiled');
	const folder = makeTestFolder();
	process.env['TMPDIR'] = folder;
	process.env['PLYR_TEST_SHELF'] = folder;
}

async function test(lifetime: Lifetime): Promise<number> {
	const words = process.argv.slice(2);
	const files = findTestFiles(words);
	shareBetweenFiles();
	const first = await prepareAndRun(lifetime, files);
	const results = words.length === 0 ? await runFailedAgain(lifetime, first) : first;
	if (results.length === 0) say('no test file matches');
	const { passed, failed } = sayTotals(results);
	return failed > 0 || passed === 0 ? 1 : 0;
}

await runTask(test);
