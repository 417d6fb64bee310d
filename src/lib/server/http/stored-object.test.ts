import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { RequestEvent } from '@sveltejs/kit';
import { answerObject } from './stored-object.ts';

const WHERE = 'https://files.example.org/audio/0123456789abcdef';

/** A request for an object in a bucket that browsers reach themselves. */
const askBucket = async (isPrivate: boolean): Promise<Response> => {
	const ctx = {
		storage: { browserUrl: () => Promise.resolve(WHERE) },
		config: { storage: { backend: 's3', isPrivate } }
	};
	const event = {
		request: new Request('http://127.0.0.1/audio/0123456789abcdef'),
		locals: { ctx }
	} as unknown as RequestEvent;
	return await answerObject(event, 'key', () => assert.fail('it is served'), 'audio not found');
};

describe('an object that the storage serves itself', () => {
	it('is said where it is, for half a minute', async () => {
		const answer = await askBucket(false);
		assert.equal(answer.status, 307);
		assert.equal(answer.headers.get('location'), WHERE);
		assert.equal(answer.headers.get('cache-control'), 'public, max-age=30');
	});

	it('is nobody else’s to know when its address is signed', async () => {
		assert.equal((await askBucket(true)).headers.get('cache-control'), 'private, max-age=30');
	});
});
