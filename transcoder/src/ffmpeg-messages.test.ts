import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { lastUsefulLine } from './ffmpeg-messages.ts';

describe('what went wrong in ffmpeg', () => {
	it('is the line that says why, without addresses', () => {
		const stderr = [
			'[libopus @ 0x55ac6b115880] [error] Invalid channel layout 5.1(side) for mapping family -1.',
			'[error] Error initializing output stream 0:0 -- Error while opening encoder',
			'[fatal] Conversion failed!',
			''
		];
		assert.equal(
			lastUsefulLine(stderr, '/tmp/x'),
			'Invalid channel layout 5.1(side) for mapping family -1.'
		);
	});

	it('never shows where files are', () => {
		const stderr = [
			'file:/tmp/run/request-1/input: Invalid data found, see /tmp/run/request-1/output'
		];
		assert.equal(
			lastUsefulLine(stderr, '/tmp/run/request-1'),
			'input: Invalid data found, see output'
		);
	});

	it('is told even when ffmpeg said nothing', () => {
		assert.equal(lastUsefulLine([], '/tmp'), 'it ended without saying why');
	});
});
