import assert from 'node:assert/strict';
import { it } from 'node:test';
import { uploadErrorSentence } from './upload-error.ts';

it('has a sentence for whatever stands in the address', () => {
	assert.equal(uploadErrorSentence(null), null);
	assert.match(uploadErrorSentence('empty_file') ?? '', /empty/);
	for (const code of ['constructor', 'toString', '__proto__', 'something else']) {
		assert.equal(uploadErrorSentence(code), 'the upload did not work. try again');
	}
});
