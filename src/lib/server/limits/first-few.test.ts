import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { FirstFew } from './first-few.ts';

describe('the first few of a window', () => {
	const of = (few: number) => new FirstFew({ few, windowSeconds: 60 });
	const takeTimes = (first: FirstFew, key: string, times: number, now: number) =>
		Array.from({ length: times }, () => first.take(key, 1, now));

	it('are told to nobody, and all at once when there are more', () => {
		assert.deepEqual(takeTimes(of(3), 'a', 6, 0), [0, 0, 0, 4, 1, 1]);
	});

	it('are everybody their own', () => {
		const first = of(2);
		assert.deepEqual(takeTimes(first, 'a', 2, 0), [0, 0]);
		assert.deepEqual(takeTimes(first, 'b', 3, 0), [0, 0, 3]);
		assert.deepEqual(takeTimes(first, 'a', 1, 0), [3]);
	});

	it('begin anew with the next window', () => {
		const first = of(1);
		assert.deepEqual(takeTimes(first, 'a', 3, 0), [0, 2, 1]);
		assert.deepEqual(takeTimes(first, 'a', 1, 59_999), [1]);
		assert.deepEqual(takeTimes(first, 'a', 2, 60_000), [0, 2]);
	});

	it('tell of an amount that is more than a few at once', () => {
		const first = of(3);
		assert.equal(first.take('a', 2, 0), 0);
		assert.equal(first.take('a', 5, 0), 7);
		assert.equal(first.take('a', 2, 0), 2);
	});

	it('are forgotten when there are too many people, which holds the memory small', () => {
		const first = of(1);
		assert.equal(first.take('a', 1, 0), 0);
		for (let one = 0; one < 10_000; one++) first.take(`key ${one}`, 1, 0);
		assert.equal(first.take('a', 1, 0), 0);
	});
});
