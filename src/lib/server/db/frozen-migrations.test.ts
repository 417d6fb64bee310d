import assert from 'node:assert/strict';
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { freezeMigrations, migrationProblems } from './frozen-migrations.ts';

describe('migrations that databases have had', () => {
	let folder: string;
	beforeEach(async () => {
		folder = await mkdtemp(path.join(tmpdir(), 'plyr-frozen-'));
		await cp('migrations', folder, { recursive: true });
	});
	afterEach(() => rm(folder, { recursive: true, force: true }));

	it('are as they were, all of them', async () => {
		assert.deepEqual(await migrationProblems(), []);
	});

	it('may not be changed', async () => {
		const file = path.join(folder, '20261122T180000-first-path.ts');
		await writeFile(file, `${await readFile(file, 'utf8')}\n`);
		assert.deepEqual(await migrationProblems(folder), [
			'20261122T180000-first-path was changed, and databases have had it: undo that, and add a new one'
		]);
		assert.deepEqual(await freezeMigrations(folder), []);
		assert.equal((await migrationProblems(folder)).length, 1, 'it is not frozen anew');
	});

	it('may not go', async () => {
		await rm(path.join(folder, '20261122T180000-first-path.ts'));
		assert.deepEqual(await migrationProblems(folder), [
			'20261122T180000-first-path is gone, and databases have had it: put it back'
		]);
	});

	it('are followed by new ones, which are frozen', async () => {
		await writeFile(path.join(folder, '20991231T000000-new.ts'), 'export {};');
		assert.deepEqual(await migrationProblems(folder), [
			'20991231T000000-new is not frozen: freeze it when it is ready to land'
		]);
		assert.deepEqual(await freezeMigrations(folder), ['20991231T000000-new']);
		assert.deepEqual(await migrationProblems(folder), []);
	});

	it('have none come before them', async () => {
		await writeFile(path.join(folder, '20261122T180001-late.ts'), 'export {};');
		const [problem] = await migrationProblems(folder);
		assert.match(problem ?? '', /^20261122T180001-late comes before .*: give it a later time$/);
	});
});
