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

/** Beside one in a browser: a file waits for a disk or a clock a third of its time. */
const FILES_AT_ONCE = Math.min(4, availableParallelism());

async function runFiles(
	lifetime: Lifetime,
	files: readonly string[],
	atOnce: number
): Promise<FileResult[]> {
	const results: FileResult[] = [];
	const waiting = [...files];
	const running = new Set<() => void>();
	lifetime.onEnd(() => running.forEach((stop) => stop()));
	const work = async (): Promise<void> => {
		for (let file = waiting.shift(); file && !lifetime.isEnding(); file = waiting.shift()) {
			let stop = () => {};
			const result = await runTestFile(file, (stopFile) => running.add((stop = stopFile)));
			running.delete(stop);
			if (lifetime.isEnding()) return;
			sayFileResult(result);
			results.push(result);
		}
	};
	await Promise.all(Array.from({ length: atOnce }, work));
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
	const results = await runFiles(lifetime, unit, FILES_AT_ONCE);
	if (system.length > 0 || browser.length > 0) {
		await ensureBuilt(lifetime);
		const both = [runFiles(lifetime, system, FILES_AT_ONCE), runFiles(lifetime, browser, 1)];
		results.push(...(await Promise.all(both)).flat());
	}
	if (results.length === 0) say('no test file matches');
	const { passed, failed } = sayTotals(results);
	return failed > 0 || passed === 0 ? 1 : 0;
}

await runTask(test);
