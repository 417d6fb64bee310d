import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { comesFromUs } from './origin-check.ts';

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
