import { globSync } from 'node:fs';

/** Tests of one thing, beside it. */
const UNIT = [
	'transcoder/src/**/*.test.ts',
	'src/**/*.test.ts',
	'dev/**/*.test.ts',
	'migrations/**/*.test.ts'
];
/** Journeys across the whole system, after the build: they wait much of their time. */
const SYSTEM = ['dev/**/*.system.test.ts', 'tests/integration/**/*.test.ts'];
/** The same in a browser, which keeps a processor busy: two at a time, beside the others. */
const BROWSER = ['tests/e2e/**/*.test.ts'];
/** What is heard sample by sample: a busy machine drops sound. When all else is over. */
const SOUND = ['tests/e2e/gapless.test.ts'];

export type TestFiles = { unit: string[]; system: string[]; browser: string[]; sound: string[] };

/** All test files, or those whose path contains one of the patterns. */
export function findTestFiles(patterns: readonly string[]): TestFiles {
	const isWanted = (file: string) =>
		patterns.length === 0 || patterns.some((pattern) => file.includes(pattern));
	const find = (globs: string[]) => globSync(globs).filter(isWanted).sort();
	const system = find(SYSTEM);
	const unit = find(UNIT).filter((file) => !system.includes(file));
	// from the end: what takes longest (the transcoder's; torture, publish-kill) begins first, and
	// nothing runs on alone at last
	const sound = find(SOUND);
	const browser = find(BROWSER).filter((file) => !sound.includes(file));
	return { unit: unit.reverse(), system: system.reverse(), browser, sound };
}
