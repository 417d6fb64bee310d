import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { describe, it } from 'node:test';

const WRONG = { PORT: '99999', MAX_UPLOAD_SIZE_MB: 'lots' };

function start(changes: Record<string, string>) {
	const env = { PATH: process.env['PATH'], ...WRONG, ...changes };
	return spawnSync(process.execPath, ['dev/run.mjs', 'start'], { env, encoding: 'utf8' });
}

describe('npm start with a wrong configuration', () => {
	for (const [where, changes] of [
		['on this machine', {}],
		['for the real network', { PUBLIC_URL: 'https://plyr.example.org' }]
	] as const) {
		it(`says everything that is wrong at once, ${where}`, () => {
			const { status, stderr } = start(changes);
			assert.equal(status, 78);
			for (const name of Object.keys(WRONG)) {
				assert.match(stderr, new RegExp(`${name}: is not .*example: ${name}=`));
			}
		});
	}
});
