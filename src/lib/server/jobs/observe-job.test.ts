import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Job } from 'pg-boss';
import { unseen } from '#lib/server/testing/unseen.ts';
import { during, underWay } from '#lib/server/trace/under-way.ts';
import { observeJob, withOrigin } from './observe-job.ts';

const trace = {
	traceId: '4bf92f3577b34da6a3ce929d0e0e4736',
	spanId: '00f067aa0ba902b7',
	isSampled: true
};

/** As the queue hands it out: through the database. */
const jobOf = <T extends object>(data: T) =>
	({ id: 'j1', data: JSON.parse(JSON.stringify(data)) as T, retryCount: 0 }) as Job<T>;

describe('a job', () => {
	it('is worked on under the request that asked for it, and knows no more than it was sent', async () => {
		const { metrics, tracer } = unseen();
		const asked = during({ requestId: 'r1', trace }, () => withOrigin({ uploadId: 'u1' }));
		await observeJob({ metrics, tracer }, 'uploads', jobOf(asked), (job) => {
			assert.deepEqual(job.data, { uploadId: 'u1' });
			assert.equal(underWay()?.requestId, 'r1');
			assert.equal(underWay()?.trace.traceId, trace.traceId);
			assert.notEqual(underWay()?.trace.spanId, trace.spanId);
			return Promise.resolve();
		});
		assert.deepEqual(metrics.jobs.points, [{ labels: ['uploads', 'done'], value: 1 }]);
	});

	it('that nobody asked for, or one of an earlier version, has a trace of its own', async () => {
		const job = withOrigin({ uploadId: 'u1' });
		assert.deepEqual(job, { uploadId: 'u1' });
		await observeJob(unseen(), 'uploads', jobOf(job), () => {
			assert.equal(underWay()?.requestId, undefined);
			assert.match(underWay()?.trace.traceId ?? '', /^[0-9a-f]{32}$/);
			return Promise.resolve();
		});
	});

	it('that fails is counted as such, and fails', async () => {
		const { metrics, tracer } = unseen();
		const failing = () => Promise.reject(new Error('no answer'));
		const working = observeJob({ metrics, tracer }, 'uploads', jobOf({}), failing);
		await assert.rejects(working, /no answer/);
		assert.deepEqual(metrics.jobs.points, [{ labels: ['uploads', 'failed'], value: 1 }]);
		assert.equal(metrics.jobDurations.points[0]?.count, 1);
	});
});
