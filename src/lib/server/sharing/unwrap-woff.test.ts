import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { it } from 'node:test';
import { unwrapWoff } from './unwrap-woff.ts';

const file = '@fontsource/dejavu-mono/files/dejavu-mono-latin-700-normal.woff';

it('a font comes out of its wrapping whole: every table has the sum it says', async () => {
	const font = unwrapWoff(await readFile(createRequire(import.meta.url).resolve(file)));
	assert.equal(font.readUInt32BE(0), 0x00010000);
	const count = font.readUInt16BE(4);
	assert.ok(count > 8);
	let previous = '';
	for (let at = 12; at < 12 + count * 16; at += 16) {
		const tag = font.toString('latin1', at, at + 4);
		assert.ok(tag > previous, 'in order');
		previous = tag;
		const [offset, length] = [font.readUInt32BE(at + 8), font.readUInt32BE(at + 12)];
		assert.equal(offset % 4, 0);
		// the sum of this one leaves out a field that depends on all of them
		if (tag !== 'head') assert.equal(sumOf(font, offset, length), font.readUInt32BE(at + 4), tag);
	}
});

function sumOf(font: Buffer, offset: number, length: number): number {
	let sum = 0;
	for (let at = offset; at < offset + length; at += 4) sum = (sum + font.readUInt32BE(at)) >>> 0;
	return sum;
}

it('anything else is no font', () => {
	for (const text of ['', 'wOFF', 'wOF2'.padEnd(60)]) {
		assert.throws(() => unwrapWoff(Buffer.from(text)), /no WOFF font/);
	}
});
