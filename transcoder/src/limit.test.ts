import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Limit } from './limit.ts';

describe('the places of the service', () => {
	const staying = new AbortController().signal;

	it('are given out until none is left, and come back once each', async () => {
		const limit = new Limit(2, 0);
		const first = await limit.take(staying);
		await limit.take(staying);
		assert.equal(await limit.take(staying), null);
		first?.();
		first?.();
		assert.notEqual(await limit.take(staying), null);
		assert.equal(await limit.take(staying), null);
	});

	it('are handed over to those in line, the first first, passing by who has left', async () => {
		const limit = new Limit(1, 60_000);
		const served: string[] = [];
		const leaving = new AbortController();
		const stand = async (name: string, signal = staying) => {
			const release = await limit.take(signal);
			served.push(name);
			return release;
		};
		const first = await stand('first');
		const [second, gone, third] = [stand('second'), stand('gone', leaving.signal), stand('third')];
		assert.equal(limit.queued, 3);
		leaving.abort(new Error('left'));
		await assert.rejects(gone, /left/);
		first?.();
		(await second)?.();
		(await third)?.();
		assert.deepEqual(served, ['first', 'second', 'third']);
		assert.deepEqual([limit.queued, limit.waiting], [0, 0]);
	});

	it('are not waited for in a line that is too long, nor for ever', async () => {
		const limit = new Limit(1, 50);
		const release = await limit.take(staying);
		const line = Array.from({ length: 16 }, () => limit.take(staying));
		assert.equal(await limit.take(staying), null);
		assert.equal(limit.queued, 16);
		assert.deepEqual(new Set(await Promise.all(line)), new Set([null]));
		release?.();
		assert.notEqual(await limit.take(staying), null, 'no place was lost');
	});

	it('count as running only while a program is at work', async () => {
		const limit = new Limit(2, 0);
		await limit.take(staying);
		assert.deepEqual([limit.running, limit.waiting], [0, 1]);
		await limit.run(() => {
			assert.deepEqual([limit.running, limit.waiting], [1, 0]);
			return Promise.resolve();
		});
		await assert.rejects(limit.run(() => Promise.reject(new Error('broken'))));
		assert.deepEqual([limit.running, limit.waiting], [0, 1]);
	});
});
