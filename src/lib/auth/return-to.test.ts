import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { inspect } from 'node:util';
import { safeReturnTo } from './return-to.ts';

describe('the way back after signing in', () => {
	it('keeps a page of ours, with its query and fragment', () => {
		for (const path of [
			'/',
			'/portal',
			'/track/7?t=12#notes',
			'/u/alice.test/album/a%20b',
			'/?q=é'
		]) {
			assert.equal(safeReturnTo(path), new URL(path, 'http://x').href.slice('http://x'.length));
		}
	});

	const attempts = [
		'https://evil.example/',
		'//evil.example',
		'///evil.example',
		'/\\evil.example',
		'\\\\evil.example',
		'/\t/evil.example',
		'/\n/evil.example',
		'/\r\nlocation: https://evil.example',
		'/\u0000/evil.example',
		'/\u2028/evil.example',
		'/.//evil.example',
		'/..//evil.example',
		'/%2e//evil.example',
		'/a/..//evil.example',
		'javascript:alert(1)',
		'data:text/html,x',
		'evil.example',
		' /portal',
		'/portal\u200b',
		'@evil.example',
		'/login?return_to=/portal',
		'/auth/start?handle=alice.test',
		`/${'a'.repeat(2000)}`,
		'',
		null,
		undefined
	];
	for (const attempt of attempts) {
		it(`goes home instead of ${inspect(attempt).slice(0, 60)}`, () => {
			assert.equal(safeReturnTo(attempt), '/');
		});
	}

	it('never leads off the site, whatever a browser makes of the answer', () => {
		for (const attempt of attempts) {
			const there = new URL(safeReturnTo(attempt), 'https://plyr.example');
			assert.equal(there.origin, 'https://plyr.example');
		}
	});
});
