import assert from 'node:assert/strict';
import { it } from 'node:test';
import { joinSegments, parseStagingKey, segmentKey } from './s3-segments.ts';

const segment = (offsetBytes: number, sizeBytes: number) => ({ offsetBytes, sizeBytes });

it('segments are joined in order of their offsets', () => {
	const joined = joinSegments([segment(10, 5), segment(0, 10)]);
	assert.equal(joined.sizeBytes, 15);
	assert.deepEqual(
		joined.parts.map(({ segment: { offsetBytes }, start }) => [offsetBytes, start]),
		[
			[0, 0],
			[10, 0]
		]
	);
});

it('an upload ends at the first gap', () => {
	assert.equal(joinSegments([segment(0, 10), segment(11, 5)]).sizeBytes, 10);
	assert.equal(joinSegments([segment(1, 5)]).sizeBytes, 0);
	assert.equal(joinSegments([]).sizeBytes, 0);
});

it('of overlapping segments each byte is taken once', () => {
	const joined = joinSegments([segment(0, 8), segment(3, 2), segment(5, 8), segment(8, 8)]);
	assert.equal(joined.sizeBytes, 16);
	assert.deepEqual(
		joined.parts.map(({ segment: { offsetBytes }, start }) => [offsetBytes, start]),
		[
			[0, 0],
			[5, 3],
			[8, 5]
		]
	);
});

it('keys of segments sort like their offsets and can be read back', () => {
	const offsets = [0, 9, 10, 8 * 1024 * 1024, 1_600_000_000];
	const keys = offsets.map((offset) => segmentKey('id-1', offset));
	assert.deepEqual(keys.toSorted(), keys);
	assert.deepEqual(
		keys.map((key) => parseStagingKey(key, 7)),
		offsets.map((offset) => ({ id: 'id-1', segment: segment(offset, 7) }))
	);
	assert.equal(parseStagingKey('staging/id-1/begun', 0).segment, null);
});
