import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { isUseNews, lastUseInWords } from './last-use.ts';

const NOW = Date.parse('2026-05-20T12:00:00Z');
const ago = (hours: number) => new Date(NOW - hours * 60 * 60 * 1000);

describe('the last use of a sign-in', () => {
	it('is said no closer than it is known', () => {
		assert.equal(lastUseInWords(null, NOW), 'not yet');
		assert.equal(lastUseInWords(ago(0), NOW), 'within the last two hours');
		assert.equal(lastUseInWords(ago(1.9), NOW), 'within the last two hours');
		assert.equal(lastUseInWords(ago(2.1), NOW), 'within the last day');
		assert.equal(lastUseInWords(ago(25), NOW), 'a day ago');
		assert.equal(lastUseInWords(ago(24 * 13), NOW), '13 days ago');
	});

	it('is written down once an hour', () => {
		assert.ok(isUseNews(null, NOW));
		assert.ok(!isUseNews(ago(0.9), NOW));
		assert.ok(isUseNews(ago(1.1), NOW));
	});
});
