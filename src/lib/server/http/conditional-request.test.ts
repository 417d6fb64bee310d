import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { judgeConditions, rangeApplies } from './conditional-request.ts';

const validators = { etag: '"abc"', lastModified: new Date('2026-01-02T03:04:05.678Z') };
const SAME = 'Fri, 02 Jan 2026 03:04:05 GMT';
const BEFORE = 'Fri, 02 Jan 2026 03:04:04 GMT';
const LATER = 'Fri, 02 Jan 2026 03:04:06 GMT';

describe('conditions', () => {
	const cases: [Record<string, string>, string][] = [
		[{}, 'send'],
		[{ 'if-none-match': '"abc"' }, 'not-modified'],
		[{ 'if-none-match': 'W/"abc"' }, 'not-modified'],
		[{ 'if-none-match': '"x", W/"y" ,"abc"' }, 'not-modified'],
		[{ 'if-none-match': '*' }, 'not-modified'],
		[{ 'if-none-match': '"x"' }, 'send'],
		[{ 'if-none-match': 'abc' }, 'send'],
		[{ 'if-none-match': '"x,"abc"y"' }, 'send'],
		[{ 'if-modified-since': SAME }, 'not-modified'],
		[{ 'if-modified-since': LATER }, 'not-modified'],
		[{ 'if-modified-since': BEFORE }, 'send'],
		[{ 'if-modified-since': 'yesterday' }, 'send'],
		[{ 'if-none-match': '"x"', 'if-modified-since': LATER }, 'send'],
		[{ 'if-match': '"abc"' }, 'send'],
		[{ 'if-match': '"x", "abc"' }, 'send'],
		[{ 'if-match': '*' }, 'send'],
		[{ 'if-match': '"x"' }, 'precondition-failed'],
		[{ 'if-match': 'W/"abc"' }, 'precondition-failed'],
		[{ 'if-match': '"x"', 'if-none-match': '"abc"' }, 'precondition-failed'],
		[{ 'if-match': '"abc"', 'if-none-match': '"abc"' }, 'not-modified'],
		[{ 'if-unmodified-since': BEFORE }, 'precondition-failed'],
		[{ 'if-unmodified-since': SAME }, 'send'],
		[{ 'if-match': '"abc"', 'if-unmodified-since': BEFORE }, 'send']
	];
	for (const [headers, expected] of cases) {
		it(`${JSON.stringify(headers)}: ${expected}`, () => {
			assert.equal(judgeConditions(new Headers(headers), validators), expected);
		});
	}
});

describe('a range applies only to the version it was asked of', () => {
	const cases: [string | null, boolean][] = [
		[null, true],
		['"abc"', true],
		[' "abc" ', true],
		['W/"abc"', false],
		['"other"', false],
		['"x", "abc"', false],
		[SAME, true],
		[BEFORE, false],
		[LATER, false],
		['abc', false],
		['', false]
	];
	for (const [ifRange, expected] of cases) {
		it(`if-range ${JSON.stringify(ifRange)}: ${expected}`, () => {
			const headers = new Headers(ifRange === null ? {} : { 'if-range': ifRange });
			assert.equal(rangeApplies(headers, validators), expected);
		});
	}
});
