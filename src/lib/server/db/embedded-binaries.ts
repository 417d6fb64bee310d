import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import type { RunAs } from './embedded-postgres.ts';

interface SymlinkEntry {
	source: string;
	target: string;
}

/**
 * The folder with PostgreSQL's own files (bin, lib, share) as the npm package for this machine
 * ships them. Copied next to the data when the database user cannot reach node_modules, or when
 * the package's links were not made (install scripts blocked) and we may not make them.
 * @throws Error in plain words when there is no package for this platform
 */
export function findPostgresFiles(dataDir: string, runAs: RunAs): string {
	const shipped = shippedFiles();
	const links = JSON.parse(
		fs.readFileSync(path.join(shipped, 'pg-symlinks.json'), 'utf8')
	) as SymlinkEntry[];
	const usable = makeLinks(path.join(shipped, '..'), links) && runs(shipped, runAs);
	return usable ? shipped : copyFiles(shipped, links, dataDir);
}

/** Makes the links that are missing. @returns false: we may not write there */
function makeLinks(root: string, links: SymlinkEntry[]): boolean {
	try {
		for (const link of links) {
			const target = path.join(root, link.target);
			if (!fs.existsSync(target)) fs.symlinkSync(path.basename(link.source), target);
		}
		return true;
	} catch {
		// another process made it at the same moment, or the folder is closed to us
		return links.every((link) => fs.existsSync(path.join(root, link.target)));
	}
}

const runs = (files: string, runAs: RunAs): boolean =>
	spawnSync(path.join(files, 'bin/postgres'), ['-V'], runAs).status === 0;

function shippedFiles(): string {
	const name = `@embedded-postgres/linux-${process.arch}`;
	try {
		const entry = createRequire(path.resolve('package.json')).resolve(name);
		return path.resolve(path.dirname(entry), '../native');
	} catch (cause) {
		const reason = `there is no embedded PostgreSQL for ${process.platform}-${process.arch}`;
		throw new Error(`${reason}: set DATABASE_URL to a PostgreSQL of your own`, { cause });
	}
}

function copyFiles(shipped: string, links: SymlinkEntry[], dataDir: string): string {
	const copy = path.join(dataDir, 'native');
	const done = path.join(copy, '.complete');
	if (fs.existsSync(done)) return copy;
	fs.rmSync(copy, { recursive: true, force: true });
	fs.cpSync(shipped, copy, { recursive: true });
	makeLinks(path.join(copy, '..'), links);
	for (const name of fs.readdirSync(path.join(copy, 'bin'))) {
		fs.chmodSync(path.join(copy, 'bin', name), 0o755);
	}
	fs.writeFileSync(done, '');
	return copy;
}
