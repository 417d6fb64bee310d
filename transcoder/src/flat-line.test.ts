import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { parseFlatLine } from './flat-line.ts';

describe('a line of ffprobe', () => {
	it('is a key and a value, quoted or not', () => {
		const key = 'streams.stream.0.channels';
		assert.deepEqual(parseFlatLine(`${key}=2`), { key, value: '2' });
		assert.deepEqual(parseFlatLine('format.tags.title="a = b"'), {
			key: 'format.tags.title',
			value: 'a = b'
		});
	});

	it('has its escapes undone', () => {
		const line = String.raw`format.tags.title="\"x\" \\ \$y \`z\` one\ntwo\r"`;
		assert.equal(parseFlatLine(line)?.value, '"x" \\ $y `z` one\ntwo\r');
	});

	it('ends where it was cut, also inside an escape', () => {
		assert.equal(parseFlatLine('k="abc')?.value, 'abc');
		assert.equal(parseFlatLine('k="abc\\')?.value, 'abc');
		assert.equal(parseFlatLine('k="abc\\"')?.value, 'abc"');
		assert.equal(parseFlatLine('k="abc\\\\"')?.value, 'abc\\');
		assert.equal(parseFlatLine('k="')?.value, '');
		assert.equal(parseFlatLine('k=""')?.value, '');
	});

	it('is nothing when there is no key', () => {
		assert.equal(parseFlatLine(''), null);
		assert.equal(parseFlatLine('no sign'), null);
		assert.equal(parseFlatLine('="x"'), null);
	});
});
