import { Registry } from './registry.ts';
import type { Counter, Histogram } from './series.ts';

/** Seconds, of what somebody waits for. */
const QUICK = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];
/** Seconds, of what goes to servers elsewhere and to the storage. */
const REMOTE = [0.01, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];
/** Seconds, of what is worked on. */
const WORK = [0.1, 0.5, 1, 5, 15, 60, 300, 1200, 3600];
/** Seconds of music. */
const LISTENED = [5, 15, 30, 60, 120, 180, 300, 600, 1800];

/** What this process has counted since it was started, and where whatever else is told is added. */
export interface Metrics {
	registry: Registry;
	/** method, route template, class of the status: `GET`, `/track/[id]`, `2xx` */
	httpRequests: Histogram;
	/** of `DomainError.code` */
	refusals: Counter;
	uploadsAttempted: Counter;
	uploadsStored: Counter;
	uploadsPublished: Counter;
	/** by code */
	uploadFailures: Counter;
	/** by stage */
	uploadStages: Histogram;
	/** operation, outcome */
	storageOperations: Counter;
	storageDurations: Histogram;
	storageBytesWritten: Counter;
	/** by `counted`, or why not */
	plays: Counter;
	/** whole listens, in seconds of music */
	listened: Histogram;
	/** by reason */
	playbackErrors: Counter;
	/** kind, browser family */
	clientErrors: Counter;
	/** `like` or `unlike`, outcome */
	likes: Counter;
	queueConflicts: Counter;
	/** by outcome */
	oauthRefreshes: Counter;
	/** queue, outcome */
	jobs: Counter;
	jobDurations: Histogram;
	/** target, outcome */
	outboundRequests: Histogram;
	databaseQueries: Histogram;
	/** by where they went: `replica`, or why not there */
	publicReads: Counter;
}

/**
 * Makes the numbers of a process. Every name is in docs/monitoring.md; a test compares the two.
 * @param onFailure told of each number that could not be read
 */
export function createMetrics(onFailure?: (name: string, cause: unknown) => void): Metrics {
	const registry = new Registry(onFailure);
	return { registry, ...ofRequests(registry), ...ofUploads(registry), ...ofTheRest(registry) };
}

const ofRequests = (registry: Registry) => ({
	httpRequests: registry.histogram(
		'plyr_http_request_duration_seconds',
		'until an answer began, by method, route and class of its status.',
		['method', 'route', 'status'],
		QUICK
	),
	refusals: registry.counter(
		'plyr_refusals_total',
		'requests of programs that were refused, by the code they were told.',
		['code']
	),
	queueConflicts: registry.counter(
		'plyr_queue_conflicts_total',
		'queues that were written while another device had changed them.'
	),
	clientErrors: registry.counter(
		'plyr_client_errors_total',
		'errors browsers have reported, by kind and family of the browser.',
		['kind', 'browser']
	),
	outboundRequests: registry.histogram(
		'plyr_outbound_request_duration_seconds',
		'requests to servers elsewhere, by target and outcome.',
		['target', 'outcome'],
		REMOTE
	),
	databaseQueries: registry.histogram(
		'plyr_database_query_duration_seconds',
		'queries of requests and jobs, until their whole answer was there.',
		[],
		QUICK
	),
	publicReads: registry.counter(
		'plyr_database_public_reads_total',
		'queries that may go to the replica: those that did, and why the others did not.',
		['place']
	)
});

const ofUploads = (registry: Registry) => ({
	uploadsAttempted: registry.counter('plyr_uploads_attempted_total', 'uploads that were begun.'),
	uploadsStored: registry.counter(
		'plyr_uploads_stored_total',
		'uploads whose files were put where they stay.'
	),
	uploadsPublished: registry.counter(
		'plyr_uploads_published_total',
		'uploads that became a track, or new audio of one.'
	),
	uploadFailures: registry.counter(
		'plyr_upload_failures_total',
		'uploads that failed, by the code their artist was told.',
		['reason']
	),
	uploadStages: registry.histogram(
		'plyr_upload_stage_duration_seconds',
		'stages of uploads that were finished.',
		['stage'],
		WORK
	),
	storageOperations: registry.counter(
		'plyr_storage_operations_total',
		'operations of the storage, by kind and outcome.',
		['operation', 'outcome']
	),
	storageDurations: registry.histogram(
		'plyr_storage_operation_duration_seconds',
		'operations of the storage; a read ends where its stream begins.',
		['operation'],
		REMOTE
	),
	storageBytesWritten: registry.counter(
		'plyr_storage_written_bytes_total',
		'bytes that were given to the storage.'
	)
});

const ofTheRest = (registry: Registry) => ({
	plays: registry.counter('plyr_plays_total', 'plays that were reported, and what came of them.', [
		'outcome'
	]),
	listened: registry.histogram(
		'plyr_listened_seconds',
		'whole listens that counted as a play, in seconds of music.',
		[],
		LISTENED
	),
	playbackErrors: registry.counter(
		'plyr_playback_errors_total',
		'recordings that did not play, as browsers have reported it, by reason.',
		['reason']
	),
	likes: registry.counter('plyr_likes_total', 'likes and unlikes, by what came of them.', [
		'action',
		'outcome'
	]),
	oauthRefreshes: registry.counter(
		'plyr_oauth_refreshes_total',
		'grants of artists that were renewed, by outcome.',
		['outcome']
	),
	jobs: registry.counter('plyr_jobs_total', 'jobs that ended, by queue and outcome.', [
		'queue',
		'outcome'
	]),
	jobDurations: registry.histogram(
		'plyr_job_duration_seconds',
		'jobs that ended, by queue.',
		['queue'],
		WORK
	)
});
