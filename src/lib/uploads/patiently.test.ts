import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it, mock } from 'node:test';
import { patiently } from './patiently.ts';
import { RefusedError } from '#lib/refusal.ts';

const settle = async () => {
	for (let turn = 0; turn < 10; turn += 1) await Promise.resolve();
};

describe('what needs the server', () => {
	const browser = new EventTarget();
	let said: string[];
	const { signal } = new AbortController();
	const obstacles = {
		oninterrupted: () => said.push('interrupted'),
		onpaused: (waitMs: number, sentence: string) => said.push(`${waitMs}: ${sentence}`)
	};

	beforeEach(() => {
		said = [];
		mock.timers.enable({ apis: ['setTimeout'] });
		Object.assign(globalThis, { window: browser });
	});
	afterEach(() => {
		mock.timers.reset();
		Reflect.deleteProperty(globalThis, 'window');
	});

	it('waits exactly as long as it is asked to, and goes on', async () => {
		let attempts = 0;
		const done = patiently(
			() => {
				attempts += 1;
				if (attempts > 1) return Promise.resolve('done');
				return Promise.reject(new RefusedError(429, 'too many this hour', null, 90));
			},
			obstacles,
			signal
		);
		await settle();
		assert.deepEqual(said, ['90000: too many this hour']);
		mock.timers.tick(89_999);
		await settle();
		assert.equal(attempts, 1);
		mock.timers.tick(1);
		assert.equal(await done, 'done');
	});

	it('is done again when nobody answered, and at once when the line is back', async () => {
		const failures = [new TypeError('fetch failed'), new RefusedError(503, 'restarting', null)];
		const done = patiently(
			() => {
				const failure = failures.shift();
				return failure ? Promise.reject(failure) : Promise.resolve('done');
			},
			obstacles,
			signal
		);
		await settle();
		mock.timers.tick(1_000);
		await settle();
		assert.deepEqual(said, ['interrupted', 'interrupted']);
		browser.dispatchEvent(new Event('online'));
		assert.equal(await done, 'done');
	});

	it('is given up at once where what passes elsewhere does not', async () => {
		const refused = new RefusedError(409, 'its album was deleted', null);
		await assert.rejects(
			patiently(() => Promise.reject(refused), { ...obstacles, final: [409] }, signal),
			refused
		);
		assert.deepEqual(said, []);
	});

	it('is given up at once when the server will not have it', async () => {
		const refused = new RefusedError(413, 'too large', null);
		await assert.rejects(
			patiently(() => Promise.reject(refused), obstacles, signal),
			refused
		);
		assert.deepEqual(said, []);
	});

	it('ends when it is stopped while it waits', async () => {
		const stop = new AbortController();
		const waiting = patiently(
			() => Promise.reject(new RefusedError(429, 'later', null, 60)),
			obstacles,
			stop.signal
		);
		await settle();
		stop.abort(new Error('taken out'));
		await assert.rejects(waiting, /taken out/);
	});
});
