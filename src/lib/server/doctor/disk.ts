import { access, constants, mkdir, statfs } from 'node:fs/promises';
import path from 'node:path';
import type { Config } from '#lib/server/config.ts';
import { fault, type Finding, note, ok, reasonOf } from './finding.ts';

const GIGABYTE = 1e9;
/** Less, and the database may not be able to write what it must. */
const LEAST_BYTES = 0.5 * GIGABYTE;
/** Less, and the next upload may be the last one. */
const FEW_BYTES = 5 * GIGABYTE;

/** The folders of this process: they are there, can be written, and have room. */
export async function examineDisk({ dataDir, storage }: Config): Promise<Finding[]> {
	const dirs = storage.backend === 'filesystem' ? [dataDir, storage.dir] : [dataDir];
	const findings: Finding[] = [];
	for (const dir of dirs) findings.push(await examineFolder(dir));
	return findings;
}

async function examineFolder(dir: string): Promise<Finding> {
	try {
		await mkdir(dir, { recursive: true });
		await access(dir, constants.R_OK | constants.W_OK | constants.X_OK);
	} catch (cause) {
		const user = process.getuid?.();
		return fault(
			'disk',
			`${dir} cannot be used by the user ${user}: ${reasonOf(cause)}`,
			`give the folder to that user (chown -R ${user} ${path.dirname(dir)}), or set DATA_DIR and STORAGE_DIR to folders of theirs`
		);
	}
	const { bavail, bsize } = await statfs(dir);
	const freeBytes = bavail * bsize;
	const free = `${(freeBytes / GIGABYTE).toFixed(1)} GB are free where ${dir} is`;
	if (freeBytes < LEAST_BYTES) {
		return fault('disk', free, 'make room, or move DATA_DIR to a larger disk');
	}
	if (freeBytes < FEW_BYTES) return note('disk', free, 'make room before uploads need it');
	return ok('disk', free);
}
