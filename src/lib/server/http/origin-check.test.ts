import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { RequestEvent } from '@sveltejs/kit';
import { createLogger } from '#lib/server/log.ts';
import { unseen } from '#lib/server/testing/unseen.ts';
import { comesFromUs, originCheck } from './origin-check.ts';

const OWN = 'https://plyr.example.org';
const asks = (headers: Record<string, string>) => comesFromUs(new Headers(headers), OWN);

describe('a mutation', () => {
	it('is accepted from our own pages', () => {
		assert.ok(asks({ origin: OWN, cookie: 'session_id=x' }));
		assert.ok(asks({ 'sec-fetch-site': 'same-origin', cookie: 'session_id=x' }));
	});

	it('is refused from any other origin, also a similar or opaque one', () => {
		for (const origin of [
			'https://evil.example',
			`${OWN}.evil.example`,
			'null',
			'http://plyr.example.org'
		]) {
			assert.equal(asks({ origin, cookie: 'session_id=x' }), false, origin);
		}
	});

	it('is refused from another site that hides its origin', () => {
		for (const site of ['cross-site', 'same-site']) {
			assert.equal(asks({ 'sec-fetch-site': site, cookie: 'session_id=x' }), false, site);
		}
	});

	it('is refused with a cookie and no word about where it comes from', () => {
		assert.equal(asks({ cookie: 'session_id=x' }), false);
	});

	it('is let through to its own checks when it acts for nobody', () => {
		assert.ok(asks({}));
	});
});

describe('a mutation from another site', () => {
	/** The status of the answer; 204: it was let through. */
	const answered = async (
		headers: Record<string, string>,
		cookies: Record<string, string>,
		path = '/api/tracks/'
	) => {
		const url = new URL(path, OWN);
		const event = {
			url,
			request: new Request(url, { method: 'POST', headers }),
			cookies: { get: (name: string) => cookies[name] },
			locals: { requestId: 'r', log: createLogger('error', () => undefined), ctx: unseen() }
		} as unknown as RequestEvent;
		const resolve = () => new Response(null, { status: 204 });
		const answer = await originCheck({ event, resolve });
		return answer.status;
	};
	const origin = 'https://evil.example';
	const authorization = 'Bearer x';

	it('with a session cookie is refused, also beside an Authorization header', async () => {
		const cookies = { session_id: 'x' };
		assert.equal(await answered({ origin }, cookies), 403);
		assert.equal(await answered({ origin, authorization }, cookies), 403);
		assert.equal(await answered({ origin, authorization: 'x' }, cookies), 403);
	});

	it('with a bearer and no session of a browser is let through', async () => {
		assert.equal(await answered({ origin, authorization }, {}), 204);
		assert.equal(await answered({ origin, authorization }, { theme: 'dark' }), 204);
		assert.equal(await answered({ origin }, {}), 403);
	});

	it('that is a play from a frame without an origin is let through, when no cookie comes along', async () => {
		const play = '/api/tracks/7/play';
		assert.equal(await answered({ origin: 'null' }, {}, play), 204);
		assert.equal(await answered({ origin: 'null', cookie: 'theme=dark' }, {}, play), 403);
		assert.equal(await answered({ origin }, {}, play), 403);
		assert.equal(await answered({ origin: 'null' }, {}, '/api/tracks/7/like'), 403);
		assert.equal(await answered({ origin: 'null' }, {}, '/api/tracks/7/play/x'), 403);
	});
});
