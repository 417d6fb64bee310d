import { createHash } from 'node:crypto';
import { cpSync, readdirSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';

/** What `COPY` does not see. */
const ignored = readFileSync('.dockerignore', 'utf8')
	.split('\n')
	.map((line) => line.trim())
	.filter((line) => line !== '' && !line.startsWith('#'))
	.map(asExpression);

function asExpression(pattern: string): RegExp {
	const text = pattern
		.replaceAll('.', '\\.')
		.replaceAll(/(?<!\*)\*(?!\*)/g, '[^/]*')
		.replaceAll('**/', '(?:.*/)?');
	return new RegExp(`^${text}(?:/|$)`);
}

const isIgnored = (file: string): boolean => ignored.some((one) => one.test(file));

/** Copies a file or a folder of the project, as `COPY` does; the target may be somewhere in it. */
export function copyFromContext(source: string, target: string): void {
	if (path.normalize(source) === '.') {
		const wanted = readdirSync('.').filter((name) => !isIgnored(name));
		for (const name of wanted) copyFromContext(name, path.join(target, name));
		return;
	}
	cpSync(path.resolve(source), target, {
		recursive: true,
		preserveTimestamps: true,
		verbatimSymlinks: true,
		filter: (from) => !isIgnored(path.relative('.', from))
	});
}

/** One number for all that `COPY` would copy. */
export function hashOfContext(sources: readonly string[]): string {
	const hash = createHash('sha256');
	for (const source of sources) {
		for (const file of filesOf(path.normalize(source))) {
			hash.update(`${file}\0`).update(readFileSync(file));
		}
	}
	return hash.digest('hex');
}

function filesOf(source: string): string[] {
	if (source !== '.' && isIgnored(source)) return [];
	const entry = statSync(source);
	if (!entry.isDirectory()) return [source];
	return readdirSync(source)
		.sort()
		.flatMap((name) => filesOf(path.join(source, name)));
}
