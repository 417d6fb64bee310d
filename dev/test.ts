import { availableParallelism } from 'node:os';
import { runTask, type Lifetime } from './lifetime.ts';
import { ensureBuilt } from './sources.ts';
import { say } from './say.ts';
import { runTestFile, type FileResult } from './testing/run-test-file.ts';
import { findTestFiles } from './testing/test-files.ts';
import { ensureTestNeeds } from './testing/test-needs.ts';
import { sayFileResult, sayTotals } from './testing/test-report.ts';

// npm test: all tests, or with arguments those files whose path contains one of them:
//   npm test -- src/lib/server/uploads network

const UNIT_FILES_AT_ONCE = Math.max(1, Math.min(4, availableParallelism()));
const SYSTEM_FILES_AT_ONCE = 2;

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

async function test(lifetime: Lifetime): Promise<number> {
	const { unit, system } = findTestFiles(process.argv.slice(2));
	await ensureTestNeeds(lifetime);
	const results = await runFiles(lifetime, unit, UNIT_FILES_AT_ONCE);
	if (system.length > 0) {
		await ensureBuilt(lifetime);
		results.push(...(await runFiles(lifetime, system, SYSTEM_FILES_AT_ONCE)));
	}
	if (results.length === 0) say('no test file matches');
	const { passed, failed } = sayTotals(results);
	return failed > 0 || passed === 0 ? 1 : 0;
}

await runTask(test);
