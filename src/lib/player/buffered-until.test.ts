import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { bufferedUntil } from './buffered-until.ts';

const ranges = (...all: [number, number][]) => ({
	length: all.length,
	start: (index: number) => all[index]?.[0] ?? NaN,
	end: (index: number) => all[index]?.[1] ?? NaN
});

describe('the part of a track that is there already', () => {
	it('ends where the range around the position does', () => {
		assert.equal(bufferedUntil(ranges([0, 10], [30, 60]), 5), 10);
		assert.equal(bufferedUntil(ranges([0, 10], [30, 60]), 30), 60);
		assert.equal(bufferedUntil(ranges([0, 10], [30, 60]), 29.9), 60);
	});

	it('is nothing ahead where the position is in none', () => {
		assert.equal(bufferedUntil(ranges([0, 10], [30, 60]), 20), 20);
		assert.equal(bufferedUntil(ranges(), 0), 0);
	});
});
