import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { readCommaList, readHandles, readTags, writeCommaList } from './comma-list.ts';

describe('what is typed with commas', () => {
	it('is its parts, each once and without the spaces around', () => {
		assert.deepEqual(readCommaList(' ambient,, field  recording ,ambient,'), [
			'ambient',
			'field recording'
		]);
		assert.deepEqual(readCommaList(''), []);
	});

	it('is tags in the one form they have, as many as a track can have', () => {
		assert.deepEqual(readTags('#Ambient, Field  Recording, ' + 'x'.repeat(40)), [
			'ambient',
			'field recording'
		]);
		assert.equal(readTags('a,b,c,d,e,f,g,h,i,j,k,l').length, 10);
	});

	it('is written as it would be typed, and read back as it was', () => {
		const parts = ['ambient', 'field recording'];
		assert.equal(writeCommaList(parts), 'ambient, field recording');
		assert.deepEqual(readCommaList(writeCommaList(parts)), parts);
		assert.equal(writeCommaList([]), '');
	});

	it('may have handles with or without their sign', () => {
		assert.deepEqual(readHandles('@Alice.test, bob.test'), ['alice.test', 'bob.test']);
	});
});
