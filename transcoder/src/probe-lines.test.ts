import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ProbeLines } from './probe-lines.ts';

describe('what ffprobe says', () => {
	it('is kept per stream, with tag names in lower case', () => {
		const lines = new ProbeLines();
		lines.add('streams.stream.0.codec_name="flac"');
		lines.add('streams.stream.1.disposition.attached_pic=1');
		lines.add('format.tags.TITLE="Song"');
		assert.equal(lines.streams[0]?.facts.get('codec_name'), 'flac');
		assert.equal(lines.streams[1]?.facts.get('disposition.attached_pic'), '1');
		assert.deepEqual([...lines.format.tags], [['title', 'Song']]);
	});

	it('keeps 200 tags of 10,000 characters and forgets the rest', () => {
		const lines = new ProbeLines();
		for (let index = 0; index < 1000; index += 1) {
			lines.add(`format.tags.t${index}="${'é'.repeat(10_500)}"`);
		}
		assert.equal(lines.format.tags.size, 200);
		assert.equal(lines.format.tags.get('t199')?.length, 10_000);
	});

	it('never answers with half a character', () => {
		const lines = new ProbeLines();
		lines.add(`format.tags.title="${'a'.repeat(9999)}🎵"`);
		assert.ok(lines.format.tags.get('title')?.isWellFormed());
	});

	it('takes a tag named like a part of the language for what it is', () => {
		const lines = new ProbeLines();
		lines.add('format.tags.__proto__="x"');
		assert.deepEqual(JSON.stringify(Object.fromEntries(lines.format.tags)), '{"__proto__":"x"}');
	});
});
