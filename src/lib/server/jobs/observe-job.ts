import type { Job } from 'pg-boss';
import { type Instruments, secondsSince } from '#lib/server/trace/instruments.ts';
import { inSpan } from '#lib/server/trace/tracer.ts';
import { parseTraceparent } from '#lib/server/trace/trace-context.ts';
import { type Origin, originNow } from '#lib/server/trace/under-way.ts';

/** What a job carries besides its own: who asked for it. Absent in jobs of earlier versions. */
interface WithOrigin {
	origin?: Origin;
}

/** A job with the request that asks for it, where there is one. */
export function withOrigin<T extends object>(job: T): T & WithOrigin {
	const origin = originNow();
	return origin ? { ...job, origin } : job;
}

/**
 * Works on a job: counted, in the trace and under the request id of whatever asked for it.
 * @param handle gets the job as it was sent, without that
 */
export async function observeJob<T extends object>(
	{ metrics, tracer }: Instruments,
	queue: string,
	job: Job<T & WithOrigin>,
	handle: (job: Job<T>) => Promise<void>
): Promise<void> {
	const startedAt = performance.now();
	const { origin, ...data } = job.data;
	let outcome = 'done';
	const options = {
		kind: 'consumer' as const,
		parent: parseTraceparent(origin?.traceparent),
		attributes: {
			'messaging.destination.name': queue,
			'messaging.message.id': job.id,
			'plyr.job.attempt': job.retryCount + 1
		}
	};
	try {
		await inSpan(
			tracer,
			`job ${queue}`,
			options,
			() => handle({ ...job, data: data as T }),
			origin?.requestId
		);
	} catch (cause) {
		outcome = 'failed';
		throw cause;
	} finally {
		metrics.jobs.add(1, queue, outcome);
		metrics.jobDurations.observe(secondsSince(startedAt), queue);
	}
}
