import assert from 'node:assert/strict';
import { it } from 'node:test';
import { duplicateTrackId } from './duplicate-track.ts';

it('an upload that was refused for a track names it', () => {
	const error = 'duplicate upload: track already exists (id: 12)';
	assert.equal(duplicateTrackId({ error_code: 'duplicate_upload', error }), 12);
	assert.equal(duplicateTrackId({ error_code: 'unsupported_audio', error }), null);
	const twin = 'duplicate upload: the same file is on its way already (a.wav)';
	assert.equal(duplicateTrackId({ error_code: 'duplicate_upload', error: twin }), null);
});
