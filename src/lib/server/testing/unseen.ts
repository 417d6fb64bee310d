import { createMetrics } from '#lib/server/metrics/metrics.ts';
import type { Instruments } from '#lib/server/trace/instruments.ts';
import { plainTracer } from '#lib/server/trace/tracer.ts';

/** What is counted and nobody asks for. */
export const unseen = (): Instruments => ({ metrics: createMetrics(), tracer: plainTracer });
