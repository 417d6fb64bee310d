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
/** The same in a browser, which keeps a processor busy: only a few at a time. */
const BROWSER = ['tests/e2e/**/*.test.ts'];
/** What is heard sample by sample: a busy machine drops sound. When all else is over. */
const SOUND = ['tests/e2e/gapless.test.ts'];

/**
 * What takes longest, half a minute and more, the longest first: begun first, so that nothing runs on
 * alone at last. `npm test` says how long each took.
 */
export const LONG = [
	'tests/e2e/every-page',
	'tests/integration/publish-kill',
	'tests/integration/torture',
	'tests/integration/image',
	'tests/integration/smaller-files',
	'tests/e2e/broken-line',
	'tests/integration/smaller-files-kill',
	'tests/integration/mixed-load',
	'tests/e2e/level-volume',
	'tests/integration/backup',
	'tests/e2e/hostile-content',
	'tests/integration/albums',
	'tests/integration/change-kill',
	'tests/integration/release-settle',
	'src/lib/server/storage/contract',
	'tests/e2e/broken-off-release',
	'src/lib/server/search/search-large',
	'tests/e2e/pictures',
	'tests/integration/backup-memory',
	'tests/e2e/cut-line',
	'tests/e2e/listen-on',
	'tests/integration/backup-journey',
	'tests/e2e/track-pages',
	'tests/e2e/one-audible-tab',
	'tests/e2e/likes',
	'tests/integration/backup-s3',
	'tests/e2e/queue-panel',
	'tests/e2e/keyboard-journey',
	'tests/e2e/album-pages',
	'tests/e2e/own-account',
	'src/lib/server/likes/queries',
	'tests/e2e/album-drop',
	'tests/e2e/reduced-data',
	'tests/integration/catalogue-objects',
	'tests/integration/likes-kill',
	'tests/integration/release-settle-kill',
	'tests/integration/delete-album-kill',
	'tests/integration/catalogue-kill',
	'tests/e2e/first-path',
	'tests/e2e/honest-plays',
	'tests/e2e/first-visit',
	'tests/e2e/typed-early',
	'tests/integration/replace-audio',
	'tests/integration/delete-account',
	'src/lib/player/gapless/wav-source',
	'tests/integration/publish-trouble',
	'tests/integration/take-back',
	'transcoder/src/analyse'
].map((name) => `${name}.test.ts`);

/** Of what a test is; all but the first kind need the built product and a network. */
export type Kind = 'unit' | 'system' | 'browser' | 'sound';

export interface TestFile {
	path: string;
	kind: Kind;
}

/** All test files, or those whose path contains one of the patterns, in the order they are to begin in. */
export function findTestFiles(patterns: readonly string[]): TestFile[] {
	const isWanted = (file: string) =>
		patterns.length === 0 || patterns.some((pattern) => file.includes(pattern));
	const kinds = new Map<string, Kind>();
	// the first that has a file is its kind
	for (const [kind, globs] of [
		['sound', SOUND],
		['browser', BROWSER],
		['system', SYSTEM],
		['unit', UNIT]
	] as const) {
		for (const file of globSync(globs).filter(isWanted).sort()) {
			if (!kinds.has(file)) kinds.set(file, kind);
		}
	}
	const files = [...kinds].map(([path, kind]): TestFile => ({ path, kind }));
	return files.sort((one, other) => rank(one) - rank(other));
}

/** Behind the long ones come those that take some ten seconds, and last what fills the gaps. */
function rank({ path, kind }: TestFile): number {
	if (kind === 'sound') return Infinity;
	const place = LONG.indexOf(path);
	if (place >= 0) return place;
	return LONG.length + (kind === 'unit' ? 1 : 0);
}
