import { AsyncLocalStorage } from 'node:async_hooks';
import { formatTraceparent, type TraceIds } from './trace-context.ts';

/** What is done at this moment, by whatever calls us: the request or the job, and its place in a trace. */
export interface UnderWay {
	/** of the request, or of the one that asked for the job; absent: nobody did */
	requestId?: string | undefined;
	trace: TraceIds;
}

/** Where something was asked for, as it goes with a job. */
export interface Origin {
	requestId?: string | undefined;
	traceparent: string;
}

const storage = new AsyncLocalStorage<UnderWay>();

/** undefined: nothing in particular, such as at the start. */
export const underWay = (): UnderWay | undefined => storage.getStore();

/** Runs something so that `underWay` says what it belongs to, whatever it waits for. */
export const during = <T>(what: UnderWay, action: () => T): T => storage.run(what, action);

/** What a job that is asked for now carries. */
export function originNow(): Origin | undefined {
	const now = underWay();
	return now && { requestId: now.requestId, traceparent: formatTraceparent(now.trace) };
}

/** Fields of every log line. */
export function fieldsUnderWay(): { requestId?: string | undefined; traceId?: string } {
	const now = underWay();
	return now ? { requestId: now.requestId, traceId: now.trace.traceId } : {};
}
