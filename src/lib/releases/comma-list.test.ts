import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { readCommaList, readHandles } from './comma-list.ts';

describe('what is typed with commas', () => {
	it('is its parts, each once and without the spaces around', () => {
		assert.deepEqual(readCommaList(' ambient,, field  recording ,ambient,'), [
			'ambient',
			'field recording'
		]);
		assert.deepEqual(readCommaList(''), []);
	});

	it('may have handles with or without their sign', () => {
		assert.deepEqual(readHandles('@Alice.test, bob.test'), ['alice.test', 'bob.test']);
	});
});
