import type { Config } from '#lib/server/config.ts';
import type { Logger } from '#lib/server/log.ts';
import type { Registry } from '#lib/server/metrics/registry.ts';
import { plainTracer, type Tracer } from './tracer.ts';

/**
 * The tracer of the configuration. The packages that send traces and numbers elsewhere are loaded only
 * where that is wished for.
 */
export async function openTracer(
	{ telemetry }: Pick<Config, 'telemetry'>,
	registry: Registry,
	log: Logger
): Promise<Tracer> {
	if (telemetry === undefined) return plainTracer;
	const { openOtelTracer } = await import('./otel-tracer.ts');
	return openOtelTracer(telemetry, registry, log);
}
