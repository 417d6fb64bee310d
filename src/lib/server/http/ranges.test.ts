import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { parseRange } from './ranges.ts';

const SIZE = 10_000;

function ranges(header: string, sizeBytes = SIZE): [number, number][] | string {
	const request = parseRange(header, sizeBytes);
	if (request.kind !== 'partial') return request.kind;
	return request.ranges.map(({ start, end }) => [start, end]);
}

describe('one range', () => {
	const cases: [string, [number, number][]][] = [
		['bytes=0-499', [[0, 499]]],
		['bytes=0-0', [[0, 0]]],
		['bytes=9999-9999', [[9999, 9999]]],
		['bytes=9500-', [[9500, 9999]]],
		['bytes=0-', [[0, 9999]]],
		['bytes=-500', [[9500, 9999]]],
		['bytes=-20000', [[0, 9999]]],
		['bytes=9000-20000', [[9000, 9999]]],
		['bytes=5-99999999999999999999999999', [[5, 9999]]],
		['BYTES=1-2', [[1, 2]]],
		['bytes = 1-2', [[1, 2]]],
		['  bytes= 1-2 ', [[1, 2]]],
		['bytes=,1-2,', [[1, 2]]],
		['bytes=007-008', [[7, 8]]]
	];
	for (const [header, expected] of cases) {
		it(`${JSON.stringify(header)} asks for ${JSON.stringify(expected)}`, () => {
			assert.deepEqual(ranges(header), expected);
		});
	}
});

describe('several ranges', () => {
	const cases: [string, [number, number][]][] = [
		[
			'bytes=0-0,-1',
			[
				[0, 0],
				[9999, 9999]
			]
		],
		[
			'bytes=5000-5999, 0-999',
			[
				[5000, 5999],
				[0, 999]
			]
		],
		[
			'bytes=0-999,20000-,5000-5999',
			[
				[0, 999],
				[5000, 5999]
			]
		],
		['bytes=0-999,500-1499', [[0, 1499]]],
		['bytes=500-1499,0-999', [[0, 1499]]],
		['bytes=0-999,1000-1999', [[0, 1999]]],
		['bytes=0-999,1100-1999', [[0, 1999]]],
		[
			'bytes=0-999,1200-1999',
			[
				[0, 999],
				[1200, 1999]
			]
		],
		['bytes=0-9999,5-6,7-8', [[0, 9999]]],
		[
			'bytes=8000-8999,0-99,50-199',
			[
				[0, 199],
				[8000, 8999]
			]
		]
	];
	for (const [header, expected] of cases) {
		it(`${JSON.stringify(header)} asks for ${JSON.stringify(expected)}`, () => {
			assert.deepEqual(ranges(header), expected);
		});
	}
});

describe('a range header that means nothing is ignored', () => {
	const headers = [
		...['', 'bytes', 'bytes=', 'bytes=-', 'bytes=,', 'bytes=a-b', 'bytes=5', 'bytes=1-2-3'],
		...['bytes=9-3', 'bytes=0-1,x', 'bytes=0-1;5-6', 'bytes=--5', 'bytes=1 - 2', 'bytes=0x1-2'],
		...['seconds=0-5', 'xbytes=0-1', 'bytes 0-1', 'bytes=+1-2', 'bytes=1.5-2', 'bytes=-1-2'],
		`bytes=${Array.from({ length: 17 }, (_, n) => `${n * 500}-${n * 500}`).join()}`
	];
	for (const header of headers) {
		it(JSON.stringify(header.slice(0, 40)), () => assert.equal(ranges(header), 'whole'));
	}
	it('no header at all', () => assert.deepEqual(parseRange(null, SIZE), { kind: 'whole' }));
});

describe('a range header that the object cannot satisfy is refused', () => {
	for (const header of ['bytes=10000-', 'bytes=10000-10001', 'bytes=-0', 'bytes=20000-,-0']) {
		it(header, () => assert.equal(ranges(header), 'unsatisfiable'));
	}
	it('any first byte of an empty object', () => {
		assert.equal(ranges('bytes=0-', 0), 'unsatisfiable');
		assert.equal(ranges('bytes=0-0', 0), 'unsatisfiable');
	});
});

it('the last bytes of an empty object are all of it', () => {
	assert.equal(ranges('bytes=-5', 0), 'whole');
});

it('sixteen ranges are still answered', () => {
	const list = Array.from({ length: 16 }, (_, n) => `${n * 500}-${n * 500}`).join();
	assert.equal(ranges(`bytes=${list}`).length, 16);
});
