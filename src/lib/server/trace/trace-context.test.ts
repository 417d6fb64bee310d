import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { formatTraceparent, newSpanId, newTraceId, parseTraceparent } from './trace-context.ts';

const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736';
const SPAN = '00f067aa0ba902b7';

describe('traceparent', () => {
	it('is read and written', () => {
		const ids = { traceId: TRACE, spanId: SPAN, isSampled: true };
		assert.deepEqual(parseTraceparent(`00-${TRACE}-${SPAN}-01`), ids);
		assert.deepEqual(parseTraceparent(`00-${TRACE}-${SPAN}-02`), { ...ids, isSampled: false });
		assert.equal(formatTraceparent(ids), `00-${TRACE}-${SPAN}-01`);
		const made = { traceId: newTraceId(), spanId: newSpanId(), isSampled: false };
		assert.deepEqual(parseTraceparent(formatTraceparent(made)), made);
	});

	it('of a later version is read as far as it is known', () => {
		assert.equal(parseTraceparent(`01-${TRACE}-${SPAN}-01-more`)?.traceId, TRACE);
	});

	for (const header of [
		null,
		'',
		'hello',
		`ff-${TRACE}-${SPAN}-01`,
		`00-${TRACE}-${SPAN}-01-more`,
		`00-${'0'.repeat(32)}-${SPAN}-01`,
		`00-${TRACE}-${'0'.repeat(16)}-01`,
		`00-${TRACE.toUpperCase()}-${SPAN}-01`,
		`00-${TRACE}-${SPAN}`
	]) {
		it(`says nothing when it is ${JSON.stringify(header)}`, () => {
			assert.equal(parseTraceparent(header), null);
		});
	}
});
