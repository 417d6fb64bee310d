import { availableParallelism } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Lifetime } from '../lifetime.ts';
import { MachineUse } from './machine-use.ts';
import { type FileResult, runTestFile } from './run-test-file.ts';
import type { TestFile } from './test-files.ts';
import { sayFileResult } from './test-report.ts';
import { Turns } from './turns.ts';

const LOOK_EVERY_MS = 250;

/**
 * Runs test files beside each other, and says how each has ended.
 * @param files in the order they are to begin in
 * @param systemIsReady resolves when what system tests start is there
 * @returns their results, in the order they ended; of those that did when it is all to end early
 */
export async function runFiles(
	lifetime: Lifetime,
	files: readonly TestFile[],
	systemIsReady: Promise<unknown>
): Promise<FileResult[]> {
	const results: FileResult[] = [];
	const turns = new Turns(files, availableParallelism());
	const use = new MachineUse();
	const running = new Set<Promise<void>>();
	let problem: { cause: unknown } | undefined;
	systemIsReady.then(
		() => (turns.isSystemReady = true),
		(cause: unknown) => (problem = { cause })
	);
	const run = async (file: TestFile) => {
		const result = await runTestFile(file.path, (stop) => lifetime.onEnd(stop));
		turns.ended(file);
		if (lifetime.isEnding()) return;
		sayFileResult(result);
		results.push(result);
	};
	while (turns.isLeft && !lifetime.isEnding()) {
		if (problem) throw problem.cause;
		const file = turns.next(use.now());
		if (!file) {
			await Promise.race([sleep(LOOK_EVERY_MS), ...running]);
			continue;
		}
		const ended = run(file).finally(() => running.delete(ended));
		running.add(ended);
	}
	await Promise.all(running);
	return results;
}
