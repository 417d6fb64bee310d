import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import {
	chownSync,
	existsSync,
	mkdirSync,
	readFileSync,
	statSync,
	symlinkSync,
	writeFileSync
} from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { TempFolders } from './temp-folders.ts';
import { temporaryFolder } from './testing/temp-folder.ts';

type OwnerFields = Record<string, unknown>;

/** A folder like a run leaves it, with some of what it says about its owner changed. */
async function leaveFolder(base: string, changes: OwnerFields): Promise<string> {
	const { path } = await TempFolders.open(base);
	const ownerPath = join(path, 'owner.json');
	const owner = JSON.parse(readFileSync(ownerPath, 'utf8')) as OwnerFields;
	writeFileSync(ownerPath, JSON.stringify({ ...owner, ...changes }));
	mkdirSync(join(path, 'request-1'));
	writeFileSync(join(path, 'request-1', 'input'), 'sound');
	return path;
}

function deadPid(): number {
	return spawnSync('/bin/true').pid;
}

describe('temporary folders', () => {
	it('are readable by nobody else and gone after use', async () => {
		const folders = await TempFolders.open(temporaryFolder());
		const folder = await folders.create();
		assert.equal(statSync(folders.path).mode & 0o777, 0o700);
		assert.equal(statSync(folder).mode & 0o777, 0o700);
		writeFileSync(join(folder, 'input'), 'sound');
		await folders.remove(folder);
		assert.ok(!existsSync(folder));
		await folders.close();
		assert.ok(!existsSync(folders.path));
	});

	it('of a killed run are swept', async () => {
		const base = temporaryFolder();
		const dead = await leaveFolder(base, { pid: deadPid() });
		const rebooted = await leaveFolder(base, { bootId: 'the boot before' });
		const reused = await leaveFolder(base, { startTime: '1' });
		assert.equal(await TempFolders.sweep(base), 3);
		for (const path of [dead, rebooted, reused]) assert.ok(!existsSync(path), path);
	});

	const isRoot = process.getuid?.() === 0;
	it('of another user stay', { skip: !isRoot && 'only root can give a folder away' }, async () => {
		const base = temporaryFolder();
		const theirs = await leaveFolder(base, { pid: deadPid() });
		chownSync(theirs, 65_534, 65_534);
		assert.equal(await TempFolders.sweep(base), 0);
		assert.ok(existsSync(theirs));
	});

	it('of a living run, of another machine or of nobody known stay', async () => {
		const base = temporaryFolder();
		const kept = [
			await leaveFolder(base, {}),
			await leaveFolder(base, { pid: deadPid(), hostname: 'another' }),
			await leaveFolder(base, { pid: deadPid(), service: 'something else' }),
			await leaveFolder(base, { pid: 'x' }),
			join(base, 'plyr-transcoder-without-owner'),
			join(base, 'plyr-transcoder-link')
		];
		mkdirSync(join(base, 'plyr-transcoder-without-owner'));
		const elsewhere = await leaveFolder(temporaryFolder(), { pid: deadPid() });
		symlinkSync(elsewhere, join(base, 'plyr-transcoder-link'));
		assert.equal(await TempFolders.sweep(base), 0);
		for (const path of [...kept, elsewhere]) assert.ok(existsSync(path), path);
	});
});
