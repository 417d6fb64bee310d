import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { TokenBucket } from './token-bucket.ts';

describe('what may happen so often', () => {
	it('may happen some times at once, and then as often as that a second', () => {
		const bucket = new TokenBucket(2, 3);
		const taken = (atMs: number) => bucket.take(atMs);
		assert.deepEqual([0, 0, 0, 0].map(taken), [true, true, true, false]);
		assert.deepEqual([400, 500, 500, 900, 1_000].map(taken), [false, true, false, false, true]);
	});

	it('is not saved up for longer than that', () => {
		const bucket = new TokenBucket(2, 3);
		for (let i = 0; i < 3; i++) bucket.take(0);
		const taken = Array.from({ length: 5 }, () => bucket.take(3_600_000));
		assert.deepEqual(taken, [true, true, true, false, false]);
	});
});
