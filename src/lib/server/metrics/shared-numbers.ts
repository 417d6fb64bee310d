import { statfs } from 'node:fs/promises';
import { cached } from '#lib/server/cached.ts';
import type { Context } from '#lib/server/context.ts';
import { getCosts } from '#lib/server/site/costs.ts';
import { countUnfinishedUploads, lastFacts } from './queries.ts';

/** Several may ask, and each asks every few seconds. */
const FRESH_MS = 10_000;
const MEGA = 1e6;

/** What an operator is woken for when it does not happen any more. */
const WATCHED_EVENTS = ['track_uploaded', 'upload_failed', 'record_written', 'record_deleted'];

type Shared = Pick<Context, 'config' | 'db' | 'jobs' | 'metrics' | 'transcoder'>;

/** Adds what all processes share and any of them can tell: it is read, and kept for some seconds. */
export function addSharedNumbers(ctx: Shared): void {
	addJobs(ctx);
	addUploads(ctx);
	addStored(ctx);
	addOperationsCost(ctx);
	addDisks(ctx);
	const { metrics, transcoder } = ctx;
	metrics.registry.gauge(
		'plyr_transcoder_ready',
		'1 when the transcoder answers and has ffmpeg.',
		async () => {
			const { reachable, ffmpeg } = await transcoder.capabilities();
			return reachable && ffmpeg ? 1 : 0;
		}
	);
}

function addJobs({ jobs, metrics: { registry } }: Shared): void {
	const counts = cached(FRESH_MS, () => jobs.counts());
	const workers = cached(FRESH_MS, () => jobs.workers());
	registry.read(
		'gauge',
		'plyr_jobs',
		'jobs that have not ended well, by queue and state.',
		['queue', 'state'],
		async () =>
			(await counts()).map(({ queue, state, count }) => ({ labels: [queue, state], value: count }))
	);
	registry.read(
		'gauge',
		'plyr_job_oldest_seconds',
		'since the oldest of them could have begun, or began.',
		['queue', 'state'],
		async () =>
			(await counts()).map(({ queue, state, oldestSeconds }) => ({
				labels: [queue, state],
				value: oldestSeconds
			}))
	);
	registry.gauge(
		'plyr_workers',
		'processes that take jobs and have lately said so.',
		async () => (await workers()).filter(({ isLive }) => isLive).length
	);
	registry.read(
		'gauge',
		'plyr_worker_heartbeat_timestamp_seconds',
		'when a worker last said that it lives, since 1970.',
		['worker'],
		async () =>
			(await workers()).map(({ name, heartbeatAt }) => ({
				labels: [name],
				value: heartbeatAt.getTime() / 1000
			}))
	);
}

function addUploads({ db, metrics: { registry } }: Shared): void {
	const counts = cached(FRESH_MS, () => countUnfinishedUploads(db));
	const facts = cached(FRESH_MS, () => lastFacts(db, WATCHED_EVENTS));
	registry.read(
		'gauge',
		'plyr_uploads',
		'uploads that are not completed, by status.',
		['status'],
		async () => (await counts()).map(({ status, count }) => ({ labels: [status], value: count }))
	);
	registry.read(
		'gauge',
		'plyr_upload_oldest_seconds',
		'since the oldest of them was begun.',
		['status'],
		async () =>
			(await counts()).map(({ status, oldestSeconds }) => ({
				labels: [status],
				value: oldestSeconds
			}))
	);
	registry.read(
		'gauge',
		'plyr_last_event_timestamp_seconds',
		'when something happened for the last time, since 1970.',
		['event'],
		async () =>
			(await facts()).map(({ event, happenedAt }) => ({
				labels: [event],
				value: happenedAt.getTime() / 1000
			}))
	);
}

function addStored(ctx: Shared): void {
	const { registry } = ctx.metrics;
	// summed up every ten minutes at most, as for /costs
	const costs = () => getCosts(ctx);
	registry.gauge(
		'plyr_stored_bytes',
		'audio that is kept.',
		async () => (await costs()).audioBytes
	);
	registry.read('gauge', 'plyr_stored_objects', 'what is kept, by kind.', ['kind'], async () => {
		const { audioFiles, pictures } = await costs();
		return [
			{ labels: ['audio'], value: audioFiles },
			{ labels: ['picture'], value: pictures }
		];
	});
	registry.read(
		'gauge',
		'plyr_month_cost',
		'what a month costs by the prices of the configuration: the server, and what is kept.',
		['part', 'currency'],
		async () => {
			const { currency, perMonth, storageMonth } = await costs();
			const parts = { server: perMonth, storage: storageMonth };
			return Object.entries(parts).flatMap(([part, value]) =>
				value === null ? [] : [{ labels: [part, currency], value }]
			);
		}
	);
}

/** What is paid for as a reading; all else that is no deletion is paid for as a writing. */
const READS = new Set(['head', 'read', 'staged_read', 'staged_size', 'check']);
const FREE = new Set(['delete', 'discard']);

function addOperationsCost({ config: { costs }, metrics }: Shared): void {
	const { currency, perMillionReads, perMillionWrites } = costs;
	metrics.registry.read(
		'counter',
		'plyr_storage_operations_cost_total',
		'what the operations of this process cost by the prices of the configuration, estimated.',
		['currency'],
		() => {
			if (perMillionReads === undefined && perMillionWrites === undefined) return [];
			const value = metrics.storageOperations.points.reduce((sum, { labels, value: count }) => {
				const operation = labels[0] ?? '';
				if (FREE.has(operation)) return sum;
				const price = READS.has(operation) ? perMillionReads : perMillionWrites;
				return sum + ((price ?? 0) * count) / MEGA;
			}, 0);
			return [{ labels: [currency], value }];
		}
	);
}

function addDisks({ config, metrics: { registry } }: Shared): void {
	const disks: Record<string, string> = { data: config.dataDir };
	if (config.storage.backend === 'filesystem') disks['storage'] = config.storage.dir;
	const sizes = cached(FRESH_MS, () =>
		Promise.all(
			Object.entries(disks).map(async ([disk, dir]) => {
				const { bavail, blocks, bsize } = await statfs(dir);
				return { disk, freeBytes: bavail * bsize, sizeBytes: blocks * bsize };
			})
		)
	);
	registry.read(
		'gauge',
		'plyr_disk_free_bytes',
		'room on the disk of a folder of this process.',
		['disk'],
		async () => (await sizes()).map(({ disk, freeBytes }) => ({ labels: [disk], value: freeBytes }))
	);
	registry.read('gauge', 'plyr_disk_size_bytes', 'size of that disk.', ['disk'], async () =>
		(await sizes()).map(({ disk, sizeBytes }) => ({ labels: [disk], value: sizeBytes }))
	);
}
