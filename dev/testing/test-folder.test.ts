import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, describe, it } from 'node:test';

const MODULE = path.join(import.meta.dirname, 'test-folder.ts');
const PROGRAM = `
	const { makeTestFolder } = await import(${JSON.stringify(MODULE)});
	const folder = makeTestFolder();
	const { statSync, writeFileSync } = await import('node:fs');
	writeFileSync(folder + '/file', 'words');
	console.log(JSON.stringify({ folder, mode: statSync(folder).mode & 0o777 }));`;

describe('the folder of a test run', () => {
	const place = mkdtempSync(path.join(tmpdir(), 'plyr-folder-'));
	after(() => rmSync(place, { recursive: true }));

	const make = (env: NodeJS.ProcessEnv) => {
		const { stdout, stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', PROGRAM], {
			env: { PATH: process.env['PATH'], ...env },
			encoding: 'utf8'
		});
		assert.match(stdout, /^\{/, stderr);
		return JSON.parse(stdout) as { folder: string; mode: number };
	};

	it('is where somebody wants it, open to other users who know a path in it, and goes with the run', () => {
		const { folder, mode } = make({ TMPDIR: place });
		assert.equal(path.dirname(folder), place);
		assert.equal(mode, 0o711);
		assert.equal(existsSync(folder), false);
	});

	it('is in memory where there is plenty, and what a killed run has left there is removed', (test) => {
		const { folder } = make({});
		const parent = path.dirname(folder);
		if (parent !== '/dev/shm') {
			test.skip('there is not plenty');
			return;
		}
		// no process has such a number
		const left = path.join(parent, 'plyr-tests-99999999-left');
		const living = path.join(parent, `plyr-tests-${process.pid}-living`);
		for (const one of [left, living]) mkdirSync(one);
		make({});
		assert.deepEqual([existsSync(left), existsSync(living)], [false, true]);
		rmSync(living, { recursive: true });
	});
});
