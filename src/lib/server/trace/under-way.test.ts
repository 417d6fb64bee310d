import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { createLogger } from '#lib/server/log.ts';
import { parseTraceparent } from './trace-context.ts';
import { inSpan, plainTracer } from './tracer.ts';
import { during, originNow, underWay } from './under-way.ts';

const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736';
const trace = { traceId: TRACE, spanId: '00f067aa0ba902b7', isSampled: true };

describe('what is under way', () => {
	it('is in every log line, also after something was waited for', async () => {
		const lines: Record<string, unknown>[] = [];
		const log = createLogger('info', (line) =>
			lines.push(JSON.parse(line) as Record<string, unknown>)
		);
		log.info('before');
		await during({ requestId: 'r1', trace }, async () => {
			await sleep(1);
			log.child({ uploadId: 'u1' }).info('within');
		});
		log.info('after');
		const ids = lines.map(({ event, requestId, traceId }) => [event, requestId, traceId]);
		assert.deepEqual(ids, [
			['before', undefined, undefined],
			['within', 'r1', TRACE],
			['after', undefined, undefined]
		]);
	});

	it('goes with a job that is asked for', () => {
		assert.equal(originNow(), undefined);
		during({ requestId: 'r1', trace }, () => {
			assert.equal(originNow()?.requestId, 'r1');
			assert.deepEqual(parseTraceparent(originNow()?.traceparent), trace);
		});
	});

	it('of a part has the same trace and another span', async () => {
		await during({ requestId: 'r1', trace }, () =>
			inSpan(plainTracer, 'a part', { kind: 'internal' }, async () => {
				await sleep(1);
				assert.equal(underWay()?.requestId, 'r1');
				assert.equal(underWay()?.trace.traceId, TRACE);
				assert.notEqual(underWay()?.trace.spanId, trace.spanId);
			})
		);
	});
});
