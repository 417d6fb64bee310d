import path from 'node:path';

/**
 * How the server is run. Uploads and audio pass through memory in chunks that die at once, and so does what
 * a page is made of. A young generation of 8 MiB instead of 16 frees chunks soon, and is large enough for
 * pages: with 2 MiB a page costs a quarter more processor time. And as V8 counts chunks against the limit
 * of the old generation, which is narrow when that is small, it would collect all of it for every 20 MB
 * that pass: with the limit at twice its size it does not, for half the processor time an upload costs.
 */
export const SERVER_COMMAND = [
	'--min-semi-space-size=8',
	'--max-semi-space-size=8',
	'--heap-growing-percent=100',
	'--no-parallel-scavenge',
	'src/server.ts'
];

/**
 * What it gets besides its configuration. With the compiled code kept, the next start needs no type
 * stripping: it is quicker and some 35 MB smaller. Pictures are made on many threads, and glibc gives
 * each its own heap that keeps what was freed: with two heaps, trimmed, the server holds half the
 * memory after a day's covers.
 */
export const serverEnvironment = (dataDir: string): NodeJS.ProcessEnv => ({
	NODE_ENV: 'production',
	NODE_COMPILE_CACHE: path.resolve(dataDir, 'cache'),
	MALLOC_ARENA_MAX: '2',
	MALLOC_TRIM_THRESHOLD_: '131072'
});
