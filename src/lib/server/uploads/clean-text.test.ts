import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { cleanLine, cleanLines } from './clean-text.ts';

describe('text people typed', () => {
	it('is one line without control characters and turned directions', () => {
		assert.equal(cleanLine(' one\r\n\ttwo\u0000 \u202ethree '), 'one two three');
		assert.equal(cleanLines(' one\r\n\ttwo\u0000\u2066 '), 'one\n\ttwo');
	});

	it('of which nothing can be seen is empty', () => {
		const blank = [
			'\u200b',
			'\u200d\ufe0f',
			'\u00ad',
			'\u2800',
			'\u3164',
			'\ufeff \u2060',
			'\u0301'
		];
		for (const text of [...blank, '\u{e0020}', ' \n\t']) {
			assert.equal(cleanLine(text), '', codes(text));
			assert.equal(cleanLines(`${text}\n${text}`), '', codes(text));
		}
	});

	it('keeps what joins letters, marks and emoji', () => {
		for (const text of ['👩‍🚀', 'می‌خواهم', 'é', 'नमस्ते', '.', '❤️', '１', '—']) {
			assert.equal(cleanLine(text), text);
			assert.equal(cleanLines(text), text);
		}
	});
});

const codes = (text: string) => Buffer.from(text).toString('hex');
