import assert from 'node:assert/strict';
import { globSync } from 'node:fs';
import { describe, it } from 'node:test';
import { findTestFiles, LONG } from './test-files.ts';

describe('the test files', () => {
	const paths = (patterns: string[] = []) => findTestFiles(patterns).map(({ path }) => path);

	it('are found, each once, wherever there is one', () => {
		const all = globSync([
			'{src,dev,migrations,tests}/**/*.test.ts',
			'transcoder/src/**/*.test.ts'
		]);
		assert.deepEqual(paths().toSorted(), all.toSorted());
	});

	it('that take longest come first, what is short and of one thing last, and sound behind all', () => {
		const files = findTestFiles([]);
		const found = files.map(({ path }) => path);
		assert.deepEqual(found.slice(0, LONG.length), LONG);
		assert.equal(files.at(-1)?.kind, 'sound');
		const isShort = ({ kind }: (typeof files)[number]) => kind === 'unit';
		assert.ok(files.slice(-100, -1).every(isShort));
	});

	it('are of a kind', () => {
		const kindOf = (path: string) => findTestFiles([path])[0]?.kind;
		assert.equal(kindOf('tests/integration/likes-kill.test.ts'), 'system');
		assert.equal(kindOf('dev/start.system.test.ts'), 'system');
		assert.equal(kindOf('tests/e2e/likes.test.ts'), 'browser');
		assert.equal(kindOf('dev/start.test.ts'), 'unit');
		assert.equal(kindOf('tests/e2e/gapless.test.ts'), 'sound');
	});

	it('are those whose path has one of the words', () => {
		const found = paths(['gapless', 'likes-kill']);
		assert.deepEqual(
			found.filter((path) => !path.startsWith('src/lib/player/gapless/')),
			['tests/integration/likes-kill.test.ts', 'tests/e2e/gapless.test.ts']
		);
		assert.ok(found.length > 3);
	});
});
