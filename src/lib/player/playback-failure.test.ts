import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { closerReason, failureReasons, firstReason } from './playback-failure.ts';

const answering = (status: number) => () => Promise.resolve(new Response(null, { status }));

describe('why a recording does not play', () => {
	it('is the line when the browser has none', () => {
		assert.equal(firstReason(2, false), failureReasons.offline);
		assert.equal(firstReason(2, true), failureReasons.unknown);
		assert.equal(firstReason(3, true), failureReasons.decode);
	});

	it('is told apart by what the server answers', async () => {
		assert.equal(await closerReason('/audio/a', answering(404)), failureReasons.gone);
		assert.equal(await closerReason('/audio/a', answering(410)), failureReasons.gone);
		assert.equal(await closerReason('/audio/a', answering(503)), failureReasons.server);
		assert.equal(await closerReason('/audio/a', answering(200)), failureReasons.unplayable);
	});

	it('is the line when nobody answers', async () => {
		const unreachable = () => Promise.reject(new TypeError('failed to fetch'));
		assert.equal(await closerReason('/audio/a', unreachable), failureReasons.offline);
	});
});
