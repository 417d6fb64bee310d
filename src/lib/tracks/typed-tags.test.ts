import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { putTag, tagAtCaret } from './typed-tags.ts';

describe('a line of tags', () => {
	it('has one that the caret is in, and others', () => {
		const line = 'Ambient, dub te, live';
		assert.deepEqual(tagAtCaret(line, 15), {
			from: 8,
			to: 15,
			typed: 'dub te',
			others: ['ambient', 'live']
		});
		assert.equal(tagAtCaret(line, 0).typed, 'Ambient');
		assert.equal(tagAtCaret(line, line.length).typed, 'live');
		assert.equal(tagAtCaret('ambient, ', 9).typed, '');
		assert.deepEqual(tagAtCaret('', 0).others, []);
	});

	it('takes another in its place, and is ready for the next when it was the last', () => {
		const put = (text: string, caret: number) =>
			putTag(text, tagAtCaret(text, caret), 'dub techno');
		assert.deepEqual(put('du', 2), { text: 'dub techno, ', caret: 12 });
		assert.deepEqual(put('ambient,du', 10), { text: 'ambient, dub techno, ', caret: 21 });
		assert.deepEqual(put('ambient, du, live', 11), {
			text: 'ambient, dub techno, live',
			caret: 19
		});
	});
});
