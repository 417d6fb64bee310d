import { monitorEventLoopDelay } from 'node:perf_hooks';
import { readFileSync } from 'node:fs';
import type { PoolUse } from '#lib/server/db/leases.ts';
import type { Registry } from './registry.ts';

const NANOSECONDS = 1e9;
const MICROSECONDS = 1e6;
/** The delay is looked at this often: finer costs more than it tells. */
const RESOLUTION_MS = 50;

/**
 * Adds what is known of this process itself.
 * @returns stops measuring
 */
export function addProcessNumbers(registry: Registry): () => Promise<void> {
	registry.read('gauge', 'plyr_build_info', '1, with what runs here.', ['version', 'node'], () => [
		{ labels: [version(), process.versions.node], value: 1 }
	]);
	registry.gauge(
		'process_start_time_seconds',
		'when this process was started, since 1970.',
		() => Date.now() / 1000 - process.uptime()
	);
	registry.read('counter', 'process_cpu_seconds_total', 'time on a processor.', [], () => {
		const { user, system } = process.cpuUsage();
		return [{ labels: [], value: (user + system) / MICROSECONDS }];
	});
	registry.gauge('process_resident_memory_bytes', 'memory that is really used.', () =>
		process.memoryUsage.rss()
	);
	registry.read(
		'gauge',
		'nodejs_memory_bytes',
		'memory by kind: the heap, what of it is used, and what is outside of it.',
		['kind'],
		() => {
			const { heapTotal, heapUsed, external } = process.memoryUsage();
			const kinds = { heap_total: heapTotal, heap_used: heapUsed, external };
			return Object.entries(kinds).map(([kind, value]) => ({ labels: [kind], value }));
		}
	);
	return addEventLoopDelay(registry);
}

/** Adds how connections to the database are used, by what they are for. */
export function addPoolNumbers(registry: Registry, pools: Record<string, () => PoolUse>): void {
	registry.read(
		'gauge',
		'plyr_database_connections',
		'connections of this process, and those that somebody waits for.',
		['pool', 'state'],
		() =>
			Object.entries(pools).flatMap(([pool, use]) => {
				const { inUse, idle, waiting } = use();
				return Object.entries({ in_use: inUse, idle, waiting }).map(([state, value]) => ({
					labels: [pool, state],
					value
				}));
			})
	);
	registry.read(
		'gauge',
		'plyr_database_connections_max',
		'so many connections there are at most.',
		['pool'],
		() => Object.entries(pools).map(([pool, use]) => ({ labels: [pool], value: use().size }))
	);
}

/** Adds how far the replica is behind; absent without one, and while that is not known. */
export function addReplicaNumbers(registry: Registry, lagSeconds: () => number | undefined): void {
	registry.read(
		'gauge',
		'plyr_database_replica_lag_seconds',
		'how far the replica is behind.',
		[],
		() => {
			const value = lagSeconds();
			return value !== undefined && Number.isFinite(value) ? [{ labels: [], value }] : [];
		}
	);
}

/** How late timers come: of each period between two looks, as several may look. */
function addEventLoopDelay(registry: Registry): () => Promise<void> {
	const delay = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
	delay.enable();
	registry.read(
		'gauge',
		'nodejs_eventloop_delay_seconds',
		'how late the event loop is, since the last look: median, p99 and the worst.',
		['point'],
		() => {
			const points = {
				p50: delay.percentile(50),
				p99: delay.percentile(99),
				max: delay.max
			};
			const hasAny = delay.count > 0;
			delay.reset();
			return Object.entries(points).map(([point, ns]) => ({
				labels: [point],
				// the timer that measures comes that late when nothing is late
				value: hasAny ? Math.max(0, ns / NANOSECONDS - RESOLUTION_MS / 1000) : 0
			}));
		}
	);
	return () => {
		delay.disable();
		return Promise.resolve();
	};
}

let knownVersion: string | undefined;

/** Of package.json: every process is started beside it. */
function version(): string {
	knownVersion ??= (JSON.parse(readFileSync('package.json', 'utf8')) as { version: string })
		.version;
	return knownVersion;
}
