import { ValueType } from '@opentelemetry/api';
import type { Resource } from '@opentelemetry/resources';
import {
	AggregationTemporality,
	type DataPoint,
	DataPointType,
	type Histogram,
	type MetricData,
	type MetricProducer
} from '@opentelemetry/sdk-metrics';
import type { Family, Registry } from '#lib/server/metrics/registry.ts';
import type { HistogramPoint } from '#lib/server/metrics/series.ts';

type Times = Pick<DataPoint<unknown>, 'startTime' | 'endTime'>;

/** Lets the SDK send the numbers that /metrics tells: there is one place where they are counted. */
export function registryProducer(registry: Registry, resource: Resource): MetricProducer {
	const startTime = timeOf(Date.now() - process.uptime() * 1000);
	return {
		async collect() {
			const times = { startTime, endTime: timeOf(Date.now()) };
			const metrics = (await registry.collect()).map((family) => metricOf(family, times));
			const scopeMetrics = [{ scope: { name: 'plyr.fm' }, metrics }];
			return { resourceMetrics: { resource, scopeMetrics }, errors: [] };
		}
	};
}

/** Seconds since 1970, and nanoseconds. */
const timeOf = (ms: number): [number, number] => [
	Math.floor(ms / 1000),
	Math.floor((ms % 1000) * 1e6)
];

function metricOf(family: Family, times: Times): MetricData {
	const { name, help, labels } = family;
	const unit = unitOf(name);
	const common = {
		descriptor: { name, description: help, unit, valueType: ValueType.DOUBLE },
		aggregationTemporality: AggregationTemporality.CUMULATIVE
	};
	const at = (values: readonly string[]) =>
		Object.fromEntries(labels.map((label, index) => [label, values[index] ?? '']));
	if (family.type === 'histogram') {
		const dataPoints = family.points.map((point) => ({
			...times,
			attributes: at(point.labels),
			value: histogramOf(family.bounds, point)
		}));
		return { ...common, dataPointType: DataPointType.HISTOGRAM, dataPoints };
	}
	const dataPoints = family.points.map(({ labels: own, value }) => ({
		...times,
		attributes: at(own),
		value
	}));
	if (family.type === 'gauge') {
		return { ...common, dataPointType: DataPointType.GAUGE, dataPoints };
	}
	return { ...common, dataPointType: DataPointType.SUM, isMonotonic: true, dataPoints };
}

const histogramOf = (bounds: readonly number[], point: HistogramPoint): Histogram => ({
	buckets: { boundaries: [...bounds], counts: [...point.counts] },
	sum: point.sum,
	count: point.count
});

/** https://ucum.org */
function unitOf(name: string): string {
	if (/_seconds(_total)?$/.test(name)) return 's';
	return /_bytes(_total)?$/.test(name) ? 'By' : '1';
}
