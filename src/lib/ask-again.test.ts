import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { askAgain } from './ask-again.ts';

const PAUSES_MS = [1, 1];

/** Answers one after the other; a status of 0 is none. */
async function askFor(...statuses: number[]): Promise<[string, number]> {
	let asked = 0;
	const ask = async () => {
		const status = statuses[asked++] ?? 0;
		if (status === 0) throw new TypeError('fetch failed');
		return await Promise.resolve(new Response('', { status }));
	};
	const outcome = await askAgain(ask, PAUSES_MS).then(
		({ status }) => String(status),
		(cause: unknown) => (cause as Error).message
	);
	return [outcome, asked];
}

describe('what is the same however often it is done', () => {
	it('is asked for again when nobody answered, and when a proxy says that nobody was there', async () => {
		assert.deepEqual(await askFor(0, 200), ['200', 2]);
		assert.deepEqual(await askFor(502, 504, 200), ['200', 3]);
	});

	it('is given up after some tries, with what the last one came to', async () => {
		assert.deepEqual(await askFor(502, 0, 502, 200), ['502', 3]);
		assert.deepEqual(await askFor(502, 502, 0, 200), ['fetch failed', 3]);
	});

	it('is not asked for again when there is an answer, whatever it is', async () => {
		for (const status of [200, 303, 401, 409, 429, 500, 503]) {
			assert.deepEqual(await askFor(status, 200), [String(status), 1]);
		}
	});

	it('is not asked for again when it took too long', async () => {
		let asked = 0;
		const ask = () => {
			asked++;
			return Promise.reject(new DOMException('', 'TimeoutError'));
		};
		await assert.rejects(askAgain(ask, PAUSES_MS), { name: 'TimeoutError' });
		assert.equal(asked, 1);
	});
});
