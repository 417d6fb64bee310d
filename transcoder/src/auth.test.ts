import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { mayUse } from './auth.ts';

describe('the key of a request', () => {
	it('opens the service when it is the token, and only then', () => {
		assert.equal(mayUse('secret', 'secret'), true);
		for (const wrong of ['', 'secre', 'secret ', 'Secret', 'secretsecret']) {
			assert.equal(mayUse(wrong, 'secret'), false, wrong);
		}
	});

	it('does not count when it is missing or sent twice', () => {
		assert.equal(mayUse(undefined, 'secret'), false);
		assert.equal(mayUse(['secret', 'secret'], 'secret'), false);
	});

	it('is not asked for with the anonymous development switch', () => {
		assert.equal(mayUse(undefined, null), true);
	});
});
