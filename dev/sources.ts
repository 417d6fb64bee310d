import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { Lifetime } from './lifetime.ts';
import { Problem } from './problem.ts';
import { oneAtATime } from './run/one-at-a-time.mjs';
import { runTied } from './run/run-tied.mjs';
import { say } from './say.ts';

/** What the built application depends on. */
const SOURCES = ['src', 'static', 'lexicons'];
const SOURCE_FILES = ['package-lock.json', 'svelte.config.js', 'tsconfig.json', 'vite.config.ts'];
const STAMP = 'build/.sources';

function listSources(): string[] {
	const found = SOURCES.filter((folder) => existsSync(folder)).flatMap((folder) =>
		readdirSync(folder, { recursive: true, withFileTypes: true })
			.filter((entry) => entry.isFile() && !/\.test\.(ts|mjs)$/.test(entry.name))
			.map((entry) => path.join(entry.parentPath, entry.name))
	);
	return [...found, ...SOURCE_FILES.filter((file) => existsSync(file))].sort();
}

/** One number for everything the build is made from; tests are not part of it. */
export function hashSources(): string {
	const hash = createHash('sha256');
	for (const file of listSources()) {
		const content = readFileSync(file);
		hash.update(`${file}\0${content.length}\0`).update(content);
	}
	return hash.digest('hex');
}

const isBuilt = (hash: string): boolean =>
	existsSync('build/handler.js') && existsSync(STAMP) && readFileSync(STAMP, 'utf8') === hash;

async function build(lifetime: Lifetime): Promise<void> {
	const hash = hashSources();
	if (isBuilt(hash)) return;
	say('building…');
	const vite = runTied(process.execPath, ['node_modules/vite/bin/vite.js', 'build'], {
		...process.env,
		NODE_ENV: 'production'
	});
	lifetime.onEnd(() => vite.stop());
	const { succeeded, output } = await vite.done;
	if (lifetime.isEnding()) return;
	if (!succeeded) throw new Problem(`${output}\nthe build failed; its words are above`);
	mkdirSync(path.dirname(STAMP), { recursive: true });
	writeFileSync(STAMP, hash);
}

/** Builds the application unless the sources are those of the last build. */
export async function ensureBuilt(lifetime: Lifetime): Promise<void> {
	if (isBuilt(hashSources())) return;
	const sayWait = () => say('another start is building…');
	await oneAtATime(`build ${process.cwd()}`, sayWait, () => build(lifetime));
}
