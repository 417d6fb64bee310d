import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { titleFromFileName } from './title-from-file-name.ts';

describe('a title guessed from the name of a file', () => {
	it('leaves out the extension, the track number and underscores', () => {
		assert.equal(titleFromFileName('slow tide.wav'), 'slow tide');
		assert.equal(titleFromFileName('03 - slow_tide.flac'), 'slow tide');
		assert.equal(titleFromFileName('1. slow__tide.MP3'), 'slow tide');
		assert.equal(titleFromFileName('12 slow tide.aiff'), 'slow tide');
	});

	it('keeps what belongs to the name', () => {
		assert.equal(titleFromFileName('1999.mp3'), '1999');
		assert.equal(titleFromFileName('99.wav'), '99');
		assert.equal(titleFromFileName('2001 a space.wav'), '2001 a space');
		assert.equal(titleFromFileName('v1.2 final'), 'v1.2 final');
		assert.equal(titleFromFileName('ça va.ogg'), 'ça va');
	});
});
