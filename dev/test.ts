import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import path from 'node:path';
import { runTask, type Lifetime } from './lifetime.ts';
import { ensureBuilt } from './sources.ts';
import { say } from './say.ts';
import { runTestFile, type FileResult } from './testing/run-test-file.ts';
import { findTestFiles } from './testing/test-files.ts';
import { ensureTestNeeds } from './testing/test-needs.ts';
import { sayFileResult, sayTotals } from './testing/test-report.ts';

// npm test: all tests, or with arguments those files whose path contains one of them:
//   npm test -- src/lib/server/uploads network

/** One more than there are processors: a file waits for a disk or a clock a third of its time. */
const FILES_AT_ONCE = Math.min(4, availableParallelism() + 1);

/** Runs some files at once, those of the one-by-one list in a single place before the others. */
async function runFiles(
	lifetime: Lifetime,
	files: readonly string[],
	oneByOne: readonly string[] = []
): Promise<FileResult[]> {
	const results: FileResult[] = [];
	const [waiting, first] = [[...files], [...oneByOne]];
	const running = new Set<() => void>();
	lifetime.onEnd(() => running.forEach((stop) => stop()));
	const work = async (_: unknown, place: number): Promise<void> => {
		const next = () => (place === 0 ? first.shift() : undefined) ?? waiting.shift();
		for (let file = next(); file && !lifetime.isEnding(); file = next()) {
			let stop = () => {};
			const result = await runTestFile(file, (stopFile) => running.add((stop = stopFile)));
			running.delete(stop);
			if (lifetime.isEnding()) return;
			sayFileResult(result);
			results.push(result);
		}
	};
	await Promise.all(Array.from({ length: FILES_AT_ONCE }, work));
	return results;
}

/**
 * Every file is a process of its own and most start several more: compiled code is kept from run to
 * run, and a database that is ready to be copied (ready-cluster.ts) for this run.
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
	const { unit, system, browser } = findTestFiles(process.argv.slice(2));
	await ensureTestNeeds(lifetime);
	shareBetweenFiles();
	const results = await runFiles(lifetime, unit);
	if (system.length > 0 || browser.length > 0) {
		await ensureBuilt(lifetime);
		results.push(...(await runFiles(lifetime, system, browser)));
	}
	if (results.length === 0) say('no test file matches');
	const { passed, failed } = sayTotals(results);
	return failed > 0 || passed === 0 ? 1 : 0;
}

await runTask(test);
