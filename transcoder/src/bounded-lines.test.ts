import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { BoundedLines } from './bounded-lines.ts';

function split(chunks: readonly string[], maxLineBytes = 100): string[] {
	const lines: string[] = [];
	const reader = new BoundedLines(maxLineBytes, (line) => lines.push(line));
	for (const chunk of chunks) reader.push(Buffer.from(chunk));
	reader.end();
	return lines;
}

describe('lines of a program', () => {
	it('are the same however the bytes were cut', () => {
		assert.deepEqual(split(['one\ntwo\nthree']), ['one', 'two', 'three']);
		assert.deepEqual(split(['o', 'ne\nt', 'wo\n', 'three\n']), ['one', 'two', 'three']);
	});

	it('keep their beginning only when they are too long', () => {
		assert.deepEqual(split(['abc', 'defgh', 'ij\nshort\n'], 5), ['abcde', 'short']);
	});

	it('are empty where the program printed an empty line', () => {
		assert.deepEqual(split(['a\n\nb\n']), ['a', '', 'b']);
	});
});
