import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import path from 'node:path';
import { runTask, type Lifetime } from './lifetime.ts';
import { ensureBuilt } from './sources.ts';
import { say } from './say.ts';
import { bundleNetwork } from './testing/network-program.ts';
import { runTestFile, type FileResult } from './testing/run-test-file.ts';
import { findTestFiles, type TestFiles } from './testing/test-files.ts';
import { ensureTestNeeds } from './testing/test-needs.ts';
import { sayFileResult, sayTotals } from './testing/test-report.ts';

// npm test: all tests, or with arguments those files whose path contains one of them:
//   npm test -- src/lib/server/uploads network

/** Two more than there are processors: a file waits for a disk or a clock a third of its time and more. */
const FILES_AT_ONCE = Math.min(5, availableParallelism() + 2);
/** More files than these do not fail because the machine was busy. */
const RUN_AGAIN_AT_MOST = 3;

/** What the tests of the whole system start: the built product, and a network. */
async function prepareSystem(lifetime: Lifetime): Promise<void> {
	await ensureBuilt(lifetime);
	await bundleNetwork(lifetime);
}

/** So many of them run in a browser. */
const BROWSERS_AT_ONCE = 2;

/**
 * Runs some files at once. First the system is prepared, then the files of a browser run in some places;
 * in the others all else runs meanwhile, and in one more the files that hardly need a processor. What is
 * heard sample by sample comes last, alone.
 */
async function runFiles(
	lifetime: Lifetime,
	{ unit, system, kills, browser, sound }: TestFiles
): Promise<FileResult[]> {
	const results: FileResult[] = [];
	const needsSystem = [system, kills, browser, sound].some(({ length }) => length > 0);
	const systemIsReady = needsSystem ? prepareSystem(lifetime) : Promise.resolve();
	// whoever waits for it throws; until then it is nobody's
	systemIsReady.catch(() => undefined);
	// a package manager waits for its disk and its line: the build goes on beside it
	await ensureTestNeeds(lifetime);
	const work = async (lists: string[][]): Promise<void> => {
		for (const files of lists) {
			if (files !== unit) await systemIsReady;
			for (let file = files.shift(); file && !lifetime.isEnding(); file = files.shift()) {
				const result = await runTestFile(file, (stop) => lifetime.onEnd(stop));
				if (lifetime.isEnding()) return;
				sayFileResult(result);
				results.push(result);
			}
		}
	};
	const places = Array.from({ length: FILES_AT_ONCE }, (_, place) =>
		work(place < BROWSERS_AT_ONCE ? [browser, unit, system] : [unit, system])
	);
	await Promise.all([...places, work([kills])]);
	await work([sound]);
	return results;
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
	const shelf = mkdtempSync(path.join(tmpdir(), 'plyr-tests-'));
	// the database of a test run by root is another user's
	chmodSync(shelf, 0o711);
	process.env['PLYR_TEST_SHELF'] = shelf;
	process.once('exit', () => rmSync(shelf, { recursive: true, force: true }));
}

async function test(lifetime: Lifetime): Promise<number> {
	const words = process.argv.slice(2);
	const files = findTestFiles(words);
	shareBetweenFiles();
	const first = await runFiles(lifetime, files);
	const results = words.length === 0 ? await runFailedAgain(lifetime, first) : first;
	if (results.length === 0) say('no test file matches');
	const { passed, failed } = sayTotals(results);
	return failed > 0 || passed === 0 ? 1 : 0;
}

await runTask(test);
