import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { closerFailure } from './closer-failure.ts';
import { failureReasons, firstFailure, isOfRecording } from './playback-failure.ts';

const NETWORK = 2;
const DECODE = 3;
const SOURCE = 4;
const answering = (status: number) => () => Promise.resolve(new Response(null, { status }));
const unreachable = () => Promise.reject(new TypeError('failed to fetch'));

describe('why a recording does not play', () => {
	it('is the line when the browser has none', () => {
		assert.equal(firstFailure(NETWORK, false), 'offline');
		assert.equal(firstFailure(NETWORK, true), 'unknown');
		assert.equal(firstFailure(DECODE, true), 'decode');
	});

	it('is told apart by what the server answers', async () => {
		assert.equal(await closerFailure('/audio/a', SOURCE, answering(404)), 'gone');
		assert.equal(await closerFailure('/audio/a', SOURCE, answering(410)), 'gone');
		assert.equal(await closerFailure('/audio/a', SOURCE, answering(503)), 'server');
		assert.equal(await closerFailure('/audio/a', SOURCE, answering(429)), 'server');
		assert.equal(await closerFailure('/audio/a', SOURCE, answering(206)), 'unplayable');
		assert.equal(await closerFailure('/audio/a', DECODE, answering(206)), 'decode');
	});

	it('is what the site says when it was taken down', async () => {
		const refused = (status: number, code: string) => () =>
			Promise.resolve(Response.json({ detail: 'taken down', code }, { status }));
		for (const status of [410, 451]) {
			const answer = refused(status, 'audio_taken_down');
			assert.equal(await closerFailure('/audio/a', SOURCE, answer), 'takenDown');
		}
		assert.equal(await closerFailure('/audio/a', SOURCE, refused(410, 'track_removed')), 'gone');
	});

	it('is the server when what it sent broke off, though it answers again', async () => {
		assert.equal(await closerFailure('/audio/a', NETWORK, answering(206)), 'server');
	});

	it('is the line when nobody answers, and unknown when a bucket lets nobody read its answer', async () => {
		assert.equal(await closerFailure('/audio/a', SOURCE, unreachable), 'unanswered');
		const bucket: typeof fetch = (_, { mode } = {}) =>
			mode === 'no-cors' ? Promise.resolve(Response.error()) : unreachable();
		assert.equal(await closerFailure('/audio/a', SOURCE, bucket), 'unknown');
	});

	it('is the fault of the recording only when the server has answered for it', () => {
		const all = Object.keys(failureReasons) as (keyof typeof failureReasons)[];
		const waitedFor = all.filter((failure) => !isOfRecording(failure));
		assert.deepEqual(waitedFor, ['offline', 'unanswered', 'stalled', 'server']);
	});
});
