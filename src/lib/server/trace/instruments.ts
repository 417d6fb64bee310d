import type { Metrics } from '#lib/server/metrics/metrics.ts';
import type { Tracer } from './tracer.ts';

/** What something needs that is seen: its numbers are counted, and it is a part of a trace. */
export interface Instruments {
	metrics: Metrics;
	tracer: Tracer;
}

/** Seconds since a moment of `performance.now()`. */
export const secondsSince = (startedAt: number): number => (performance.now() - startedAt) / 1000;
