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
/** What waits most of all, for the worker that follows a killed one: beside everything, one at a time. */
const KILLS = ['tests/integration/**/*-kill.test.ts'];
/** Half a minute and more, the longest first: begun first, so that nothing runs on alone at last. */
const LONG = [
	'torture',
	'smaller-files',
	'release-settle',
	'albums',
	'take-back',
	'replace-audio'
].map((name) => `tests/integration/${name}.test.ts`);
/** What is heard sample by sample: a busy machine drops sound. When all else is over. */
const SOUND = ['tests/e2e/gapless.test.ts'];

export type TestFiles = {
	unit: string[];
	system: string[];
	kills: string[];
	browser: string[];
	sound: string[];
};

/** All test files, or those whose path contains one of the patterns. */
export function findTestFiles(patterns: readonly string[]): TestFiles {
	const isWanted = (file: string) =>
		patterns.length === 0 || patterns.some((pattern) => file.includes(pattern));
	const find = (globs: string[]) => globSync(globs).filter(isWanted).sort();
	const kills = find(KILLS);
	const system = longestFirst(find(SYSTEM).filter((file) => !kills.includes(file)));
	// from the end: what takes longest, the transcoder's, begins first
	const unit = find(UNIT)
		.filter((file) => !system.includes(file))
		.reverse();
	const sound = find(SOUND);
	const browser = find(BROWSER).filter((file) => !sound.includes(file));
	return { unit, system, kills, browser, sound };
}

const longestFirst = (files: readonly string[]): string[] => [
	...LONG.filter((file) => files.includes(file)),
	...files.filter((file) => !LONG.includes(file))
];
