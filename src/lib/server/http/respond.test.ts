import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { RequestEvent } from '@sveltejs/kit';
import { api } from './respond.ts';

describe('what fails under /api', () => {
	/** A request whose asker may have gone, and what is logged of it as an error. */
	function request({ hasGone = false } = {}) {
		const controller = new AbortController();
		const errors: string[] = [];
		const url = new URL('https://music.test/api/x');
		const event = {
			url,
			request: new Request(url, { signal: controller.signal }),
			locals: { requestId: 'r1', log: { error: (what: string) => errors.push(what) } }
		};
		if (hasGone) controller.abort();
		return { event: event as unknown as RequestEvent, errors };
	}
	const aborted = () => Promise.reject(AbortSignal.abort().reason as Error);

	it('is logged once and answered with the id under which it was', async () => {
		const { event, errors } = request();
		const answer = await api(aborted)(event);
		assert.equal(answer.status, 500);
		assert.equal(((await answer.json()) as { request_id: string }).request_id, 'r1');
		assert.deepEqual(errors, ['request_failed']);
	});

	it('is no failure when whoever asked has gone meanwhile', async () => {
		const { event, errors } = request({ hasGone: true });
		assert.equal((await api(aborted)(event)).status, 499);
		assert.deepEqual(errors, []);
	});

	it('is logged all the same when something else broke', async () => {
		const { event, errors } = request({ hasGone: true });
		const broken = () => Promise.reject(new TypeError('broken'));
		assert.equal((await api(broken)(event)).status, 500);
		assert.deepEqual(errors, ['request_failed']);
	});
});
