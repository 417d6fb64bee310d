import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { isDiscardable, isRetryable } from './stages.ts';
import type { UploadState } from './upload.ts';

describe('what an artist can do about an upload', () => {
	const discardable = (status: UploadState['status'], stage: UploadState['stage']) =>
		isDiscardable({ status, stage });

	it('is to discard it, as long as nothing of it is public', () => {
		for (const stage of ['received', 'inspected', 'transcoded', 'stored'] as const) {
			assert.ok(discardable('pending', stage), `it is tried again by itself after ${stage}`);
			assert.ok(discardable('waiting', stage));
			assert.ok(discardable('failed', stage));
		}
		assert.ok(discardable('receiving', 'receiving'));
		assert.ok(discardable('processing', 'received'));
		assert.ok(discardable('processing', 'inspected'));
	});

	it('is not to discard what is being published this second, or is', () => {
		for (const stage of ['transcoded', 'stored', 'published'] as const) {
			assert.equal(discardable('processing', stage), false);
		}
		assert.equal(discardable('pending', 'published'), false);
		assert.equal(discardable('completed', 'indexed'), false);
	});

	it('is to try again what could not be removed, as that says', () => {
		assert.ok(isRetryable({ status: 'failed', error_code: 'not_removed' }));
		assert.equal(isRetryable({ status: 'failed', error_code: 'unsupported_audio' }), false);
	});
});
