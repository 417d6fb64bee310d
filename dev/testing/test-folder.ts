import { spawnSync } from 'node:child_process';
import {
	chmodSync,
	existsSync,
	mkdtempSync,
	readdirSync,
	rmSync,
	statfsSync,
	writeFileSync
} from 'node:fs';
import { freemem, tmpdir } from 'node:os';
import path from 'node:path';

/** Where files are kept in memory, if this machine has such a place. */
const IN_MEMORY = '/dev/shm';
/** Twice what all files that run at once have written at most, and as much for their processes. */
const ROOM_BYTES = 6e9;
const MEMORY_BYTES = 12e9;

/**
 * Makes the folder of this run, for all that its files write, and removes it when the run ends. It is in
 * memory where there is plenty of it: two hundred databases are copied, used for some seconds and thrown
 * away, which is half of what test files ask of the kernel on a disk.
 */
export function makeTestFolder(): string {
	const isOwn = process.env['TMPDIR'] !== undefined;
	if (!isOwn && hasRoom()) {
		removeLeftOver();
		const folder = makeFolder(IN_MEMORY);
		if (runsPrograms(folder)) return folder;
	}
	return makeFolder(tmpdir());
}

function makeFolder(parent: string): string {
	const folder = mkdtempSync(path.join(parent, `plyr-tests-${process.pid}-`));
	// the database of a test run by root is another user's
	chmodSync(folder, 0o711);
	process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
	return folder;
}

function hasRoom(): boolean {
	if (!existsSync(IN_MEMORY) || freemem() < MEMORY_BYTES) return false;
	const { bavail, bsize } = statfsSync(IN_MEMORY);
	return bavail * bsize >= ROOM_BYTES;
}

/** What a run that was killed has left is nobody's, but memory all the same. */
function removeLeftOver(): void {
	for (const name of readdirSync(IN_MEMORY)) {
		const [, pid] = /^plyr-tests-(\d+)-/.exec(name) ?? [];
		if (pid === undefined || existsSync(`/proc/${pid}`)) continue;
		rmSync(path.join(IN_MEMORY, name), { recursive: true, force: true });
	}
}

/** Some machines allow no programs there. */
function runsPrograms(folder: string): boolean {
	const program = path.join(folder, 'program');
	writeFileSync(program, '#!/bin/sh\n', { mode: 0o755 });
	const { status } = spawnSync(program);
	rmSync(program);
	return status === 0;
}
