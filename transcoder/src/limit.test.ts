import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Limit } from './limit.ts';

describe('the places of the service', () => {
	it('are given out until none is left, and come back once each', () => {
		const limit = new Limit(2);
		const first = limit.take();
		limit.take();
		assert.equal(limit.take(), null);
		first?.();
		first?.();
		assert.notEqual(limit.take(), null);
		assert.equal(limit.take(), null);
	});

	it('count as running only while a program is at work', async () => {
		const limit = new Limit(2);
		limit.take();
		assert.deepEqual([limit.running, limit.waiting], [0, 1]);
		await limit.run(() => {
			assert.deepEqual([limit.running, limit.waiting], [1, 0]);
			return Promise.resolve();
		});
		await assert.rejects(limit.run(() => Promise.reject(new Error('broken'))));
		assert.deepEqual([limit.running, limit.waiting], [0, 1]);
	});
});
