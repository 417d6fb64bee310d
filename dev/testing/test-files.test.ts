import assert from 'node:assert/strict';
import { globSync } from 'node:fs';
import { describe, it } from 'node:test';
import { findTestFiles } from './test-files.ts';

describe('the test files', () => {
	it('are found, each once, wherever there is one', () => {
		const found = Object.values(findTestFiles([])).flat();
		const all = globSync([
			'{src,dev,migrations,tests}/**/*.test.ts',
			'transcoder/src/**/*.test.ts'
		]);
		assert.deepEqual(found.toSorted(), all.toSorted());
	});

	it('that take longest come first', () => {
		const { system, kills } = findTestFiles([]);
		assert.equal(system[0], 'tests/integration/torture.test.ts');
		assert.ok(system.indexOf('tests/integration/albums.test.ts') < 10);
		assert.ok(kills.includes('tests/integration/publish-kill.test.ts'));
	});

	it('are those whose path has one of the words', () => {
		const { unit, system, kills, browser, sound } = findTestFiles(['gapless', 'likes-kill']);
		assert.deepEqual([system, browser], [[], []]);
		assert.deepEqual(kills, ['tests/integration/likes-kill.test.ts']);
		assert.deepEqual(sound, ['tests/e2e/gapless.test.ts']);
		assert.ok(unit.every((file) => file.startsWith('src/lib/player/gapless/')));
	});
});
