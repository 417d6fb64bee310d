import { hostname } from 'node:os';
import {
	diag,
	DiagLogLevel,
	ROOT_CONTEXT,
	type Span as OtelSpan,
	SpanKind as OtelKind,
	SpanStatusCode,
	trace,
	TraceFlags,
	type Tracer as OtelTracer
} from '@opentelemetry/api';
import { OTLPMetricExporter } from '@opentelemetry/exporter-metrics-otlp-http';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { type Resource, resourceFromAttributes } from '@opentelemetry/resources';
import { MeterProvider, PeriodicExportingMetricReader } from '@opentelemetry/sdk-metrics';
import {
	BatchSpanProcessor,
	ParentBasedSampler,
	TraceIdRatioBasedSampler,
	TracerProvider
} from '@opentelemetry/sdk-trace';
import type { TelemetryConfig } from '#lib/server/config.ts';
import type { Logger } from '#lib/server/log.ts';
import type { Registry } from '#lib/server/metrics/registry.ts';
import { registryProducer } from './otel-metrics.ts';
import type { Span, SpanKind, SpanOptions, Tracer } from './tracer.ts';
import type { TraceIds } from './trace-context.ts';
import { underWay } from './under-way.ts';

const KINDS: Record<SpanKind, OtelKind> = {
	server: OtelKind.SERVER,
	client: OtelKind.CLIENT,
	consumer: OtelKind.CONSUMER,
	internal: OtelKind.INTERNAL
};

/** A collector that does not answer must not keep this process from stopping. */
const CLOSE_LIMIT_MS = 2_000;

/** Sends spans, and the numbers of this process, to an OpenTelemetry collector by OTLP/HTTP. */
export function openOtelTracer(
	telemetry: TelemetryConfig,
	registry: Registry,
	log: Logger
): Tracer {
	sayTrouble(log);
	const resource = describeProcess(telemetry.serviceName);
	const { endpoint, headers } = telemetry;
	const spans = new TracerProvider({
		resource,
		sampler: new ParentBasedSampler({ root: new TraceIdRatioBasedSampler(telemetry.sampleRatio) }),
		spanProcessors: [
			new BatchSpanProcessor({
				exporter: new OTLPTraceExporter({ url: `${endpoint}/v1/traces`, headers }),
				scheduledDelayMillis: telemetry.exportIntervalMs
			})
		]
	});
	const numbers = new MeterProvider({
		resource,
		readers: [
			new PeriodicExportingMetricReader({
				exporter: new OTLPMetricExporter({ url: `${endpoint}/v1/metrics`, headers }),
				exportIntervalMillis: telemetry.metricIntervalMs,
				exportTimeoutMillis: telemetry.metricIntervalMs,
				metricProducers: [registryProducer(registry, resource)]
			})
		]
	});
	const tracer = spans.getTracer('plyr.fm');
	return {
		isRecording: true,
		start: (name, options) => startSpan(tracer, name, options),
		async close() {
			const closing = Promise.allSettled([spans.shutdown(), numbers.shutdown()]);
			const limit = new Promise((resolve) => setTimeout(resolve, CLOSE_LIMIT_MS).unref());
			await Promise.race([closing, limit]);
		}
	};
}

function describeProcess(serviceName: string): Resource {
	return resourceFromAttributes({
		'service.name': serviceName,
		'service.instance.id': `${hostname()}:${process.pid}`,
		'host.name': hostname(),
		'process.pid': process.pid
	});
}

/** What cannot be sent is lost: at least that is said. */
function sayTrouble(log: Logger): void {
	const nothing = () => undefined;
	const say = (message: string) => log.warn('telemetry_failed', { message: message.slice(0, 500) });
	const logger = { error: say, warn: say, info: nothing, debug: nothing, verbose: nothing };
	diag.setLogger(logger, { logLevel: DiagLogLevel.WARN, suppressOverrideMessage: true });
}

function startSpan(
	tracer: OtelTracer,
	name: string,
	{ kind, attributes, parent = underWay()?.trace }: SpanOptions
): Span {
	const options = { kind: KINDS[kind], ...(attributes ? { attributes } : {}) };
	const span = tracer.startSpan(name, options, parent ? contextOf(parent) : ROOT_CONTEXT);
	return {
		ids: idsOf(span),
		rename: (newName) => span.updateName(newName),
		set: (more) => span.setAttributes(more),
		fail(cause) {
			const error = cause instanceof Error ? cause : new Error(String(cause));
			// its name and no more: a message may have in it what somebody typed
			span.setAttribute('error.type', error.name);
			span.setStatus({ code: SpanStatusCode.ERROR });
		},
		end: () => span.end()
	};
}

const contextOf = ({ traceId, spanId, isSampled }: TraceIds) =>
	trace.setSpanContext(ROOT_CONTEXT, {
		traceId,
		spanId,
		traceFlags: isSampled ? TraceFlags.SAMPLED : TraceFlags.NONE,
		isRemote: true
	});

function idsOf(span: OtelSpan): TraceIds {
	const { traceId, spanId, traceFlags } = span.spanContext();
	return { traceId, spanId, isSampled: (traceFlags & TraceFlags.SAMPLED) !== 0 };
}
