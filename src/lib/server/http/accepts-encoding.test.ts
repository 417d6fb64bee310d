import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { chooseEncoding } from './accepts-encoding.ts';

describe('the encoding of an answer', () => {
	const cases: [string | null, string | null][] = [
		[null, null],
		['', null],
		['gzip, deflate, br, zstd', 'br'],
		['gzip, deflate', 'gzip'],
		['GZIP', 'gzip'],
		['br;q=0.5, gzip;q=0.8', 'gzip'],
		['br;q=0, gzip', 'gzip'],
		['gzip;q=0', null],
		['*', 'br'],
		['*;q=0', null],
		['identity', null],
		['identity;q=1, gzip;q=0.5', null],
		['gzip;q=nonsense', null]
	];
	for (const [header, encoding] of cases) {
		it(`of ${JSON.stringify(header)} is ${encoding ?? 'none'}`, () => {
			assert.equal(chooseEncoding(header), encoding);
		});
	}
});
