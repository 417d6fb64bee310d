import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { describe, it } from 'node:test';
import { createSeal } from './seal.ts';

const oldKey = randomBytes(32);
const newKey = randomBytes(32);

describe('a sealed value', () => {
	it('opens where it was kept, and says nothing of its content before', () => {
		const seal = createSeal([oldKey]);
		const sealed = seal.close('a refresh token, ü', 'oauth_sessions:did:plc:a');
		assert.equal(sealed.includes('refresh'), false);
		assert.equal(seal.open(sealed, 'oauth_sessions:did:plc:a'), 'a refresh token, ü');
	});

	it('is different every time', () => {
		const seal = createSeal([oldKey]);
		assert.notDeepEqual(seal.close('same', 'row'), seal.close('same', 'row'));
	});

	it('does not open in another row', () => {
		const seal = createSeal([oldKey]);
		assert.equal(seal.open(seal.close('secret', 'row:a'), 'row:b'), undefined);
	});

	it('still opens while its key is being rotated out, and not afterwards', () => {
		const sealed = createSeal([oldKey]).close('secret', 'row');
		assert.equal(createSeal([newKey, oldKey]).open(sealed, 'row'), 'secret');
		assert.equal(createSeal([newKey]).open(sealed, 'row'), undefined);
	});

	it('is closed with the newest key', () => {
		const sealed = createSeal([newKey, oldKey]).close('secret', 'row');
		assert.equal(createSeal([newKey]).open(sealed, 'row'), 'secret');
	});

	it('does not open when a single bit was changed anywhere, or its end is missing', () => {
		const seal = createSeal([oldKey]);
		const sealed = seal.close('secret', 'row');
		for (let at = 0; at < sealed.length; at++) {
			const changed = Buffer.from(sealed);
			changed[at] = (changed[at] ?? 0) ^ 1;
			assert.equal(seal.open(changed, 'row'), undefined, `byte ${at}`);
		}
		for (let length = 0; length < sealed.length; length++) {
			assert.equal(seal.open(sealed.subarray(0, length), 'row'), undefined);
		}
	});
});
