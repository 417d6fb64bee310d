import assert from 'node:assert/strict';
import { it } from 'node:test';
import { KeyedLock } from './keyed-lock.ts';

it('work of one name waits its turn, also behind somebody who gave up waiting', async () => {
	const lock = new KeyedLock();
	const events: string[] = [];
	const { promise, resolve } = Promise.withResolvers<undefined>();
	const first = lock.run('a', async () => {
		await promise;
		events.push('first');
	});
	const controller = new AbortController();
	const second = lock.run('a', () => assert.fail('it gave up'), controller.signal);
	controller.abort(new Error('enough'));
	await assert.rejects(second, { message: 'gave up waiting' });
	const third = lock.run('a', () => Promise.resolve(events.push('third')));
	const other = lock.run('b', () => Promise.resolve(events.push('other')));
	await other;
	resolve(undefined);
	await Promise.all([first, third]);
	assert.deepEqual(events, ['other', 'first', 'third']);
});

it('a failure is its own, and the next in line runs', async () => {
	const lock = new KeyedLock();
	const failing = lock.run('a', () => Promise.reject(new Error('broken')));
	const next = lock.run('a', () => Promise.resolve('fine'));
	await assert.rejects(failing, { message: 'broken' });
	assert.equal(await next, 'fine');
});
