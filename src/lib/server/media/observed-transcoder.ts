import { type Instruments, secondsSince } from '#lib/server/trace/instruments.ts';
import { inSpan } from '#lib/server/trace/tracer.ts';
import type { Transcoder } from './transcoder.ts';

/** The same transcoder: what it is asked is counted and stands in traces. */
export function observeTranscoder(
	transcoder: Transcoder,
	{ metrics, tracer }: Instruments
): Transcoder {
	const observe = async <T>(task: string, action: () => Promise<T>): Promise<T> => {
		const startedAt = performance.now();
		let outcome = 'ok';
		try {
			return await inSpan(tracer, `transcoder ${task}`, { kind: 'client' }, action);
		} catch (cause) {
			outcome = 'failed';
			throw cause;
		} finally {
			metrics.outboundRequests.observe(secondsSince(startedAt), `transcoder_${task}`, outcome);
		}
	};
	return {
		capabilities: () => transcoder.capabilities(),
		analyse: (file, signal) => observe('analyse', () => transcoder.analyse(file, signal)),
		transcode: (file, target, signal) =>
			observe('transcode', () => transcoder.transcode(file, target, signal)),
		close: () => transcoder.close()
	};
}
