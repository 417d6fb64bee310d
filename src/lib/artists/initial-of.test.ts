import assert from 'node:assert/strict';
import { it } from 'node:test';
import { initialOf } from './initial-of.ts';

it('a name is told by its first letter, whatever stands before it', () => {
	assert.equal(initialOf('  “ölige See”'), 'ö');
	assert.equal(initialOf('𝔸lice'), '𝔸');
	assert.equal(initialOf('7 seas'), '7');
	assert.equal(initialOf('!!!'), '');
});
