import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { answerRange } from './answer-range.ts';

const kept = () =>
	new Response('0123456789', {
		headers: { 'content-type': 'audio/mpeg', 'content-length': '10', etag: '"abc"' }
	});

async function ask(range: string | null) {
	const answer = await answerRange(kept(), range);
	const { status, headers } = answer;
	return [status, headers.get('content-range'), headers.get('content-length'), await answer.text()];
}

describe('a part of what is kept', () => {
	it('is the bytes that were asked for, both ends included', async () => {
		assert.deepEqual(await ask('bytes=2-4'), [206, 'bytes 2-4/10', '3', '234']);
		assert.deepEqual(await ask('bytes=0-'), [206, 'bytes 0-9/10', '10', '0123456789']);
		assert.deepEqual(await ask('bytes=9-9'), [206, 'bytes 9-9/10', '1', '9']);
	});

	it('ends where the file does', async () => {
		assert.deepEqual(await ask('bytes=7-99'), [206, 'bytes 7-9/10', '3', '789']);
		assert.deepEqual(await ask('bytes=-3'), [206, 'bytes 7-9/10', '3', '789']);
		assert.deepEqual(await ask('bytes=-99'), [206, 'bytes 0-9/10', '10', '0123456789']);
	});

	it('is refused behind its end', async () => {
		assert.deepEqual(await ask('bytes=10-'), [416, 'bytes */10', '0', '']);
		assert.deepEqual(await ask('bytes=5-4'), [416, 'bytes */10', '0', '']);
		assert.deepEqual(await ask('bytes=-0'), [416, 'bytes */10', '0', '']);
	});

	it('is everything where nobody asks for a part, or asks for several', async () => {
		assert.equal((await ask(null))[0], 200);
		assert.deepEqual(await ask('bytes=0-1,4-5'), [200, null, '10', '0123456789']);
		assert.deepEqual(await ask('lines=1-2'), [200, null, '10', '0123456789']);
	});

	it('keeps what the answer said about itself', async () => {
		const answer = await answerRange(kept(), 'bytes=0-1');
		assert.deepEqual(
			[answer.headers.get('content-type'), answer.headers.get('etag')],
			['audio/mpeg', '"abc"']
		);
	});
});
