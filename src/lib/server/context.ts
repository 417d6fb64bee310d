import path from 'node:path';
import type postgres from 'postgres';
import type { Oauth } from './atproto/oauth.ts';
import { openOauth } from './atproto/oauth.ts';
import { countReadableGrants } from './atproto/sealed-rows.ts';
import { type Config, ConfigError } from './config.ts';
import { connectDatabase, type Db, openLeases } from './db/connect.ts';
import { joinEmbeddedPostgres, startEmbeddedPostgres } from './db/embedded-postgres.ts';
import { migrateToLatest, migrationNames, pendingMigrations } from './db/migrate.ts';
import { observeQueries } from './db/observe-queries.ts';
import { refuseReplica } from './db/refuse-replica.ts';
import { openReplica, type Replica } from './db/replica.ts';
import { findRestore } from './db/restoring.ts';
import { keepSettings, refuseForgetful } from './db/session-settings.ts';
import { type Hub, openHub } from './events/hub.ts';
import { type Jobs, openJobs } from './jobs/jobs.ts';
import { describeError, type Logger } from './log.ts';
import { observeTranscoder } from './media/observed-transcoder.ts';
import { openTranscoder, type Transcoder } from './media/transcoder.ts';
import { createMetrics, type Metrics } from './metrics/metrics.ts';
import { addPoolNumbers, addProcessNumbers, addReplicaNumbers } from './metrics/process-numbers.ts';
import { addSharedNumbers } from './metrics/shared-numbers.ts';
import { createListeners, type Listeners } from './plays/listeners.ts';
import { newEncryptionKey, readSecrets, type Secrets } from './secrets.ts';
import { createStorage } from './storage/create-storage.ts';
import { observeStorage } from './storage/observed-storage.ts';
import type { Storage } from './storage/storage.ts';
import { openTracer } from './trace/open-tracer.ts';
import { plainTracer, type Tracer } from './trace/tracer.ts';

/** Everything the domains need from the world, made once per process and handed down. */
export interface Context {
	config: Config;
	log: Logger;
	/** what is counted here, and told at /metrics */
	metrics: Metrics;
	tracer: Tracer;
	db: Db;
	sql: postgres.Sql;
	/** past a pooler: for notifications and locks, which last longer than a transaction */
	direct: postgres.Sql;
	/** `db`, for what everybody may read: it may be a replica */
	publicDb: Db;
	/** which `publicDb` reads from */
	replica: Replica | undefined;
	storage: Storage;
	transcoder: Transcoder;
	oauth: Oauth;
	/** tells listeners apart without naming them */
	listeners: Listeners;
	/** tells every process what changed, and this process's listeners */
	hub: Hub;
	jobs: Jobs;
	/** stops taking work, hands jobs back, closes streams and connections; at most once */
	dispose(): Promise<void>;
}

/** Locks are held while a PDS answers, so they have connections of their own; each waits at most this long. */
const LOCK_WAIT_MS = 60_000;
const LOCK_CONNECTIONS = 4;

export interface ContextOptions {
	/**
	 * a command that works beside the application, or without it: it uses the database another process
	 * has started, and changes nothing about its form
	 */
	isGuest?: boolean;
}

/** A guest of another version would write what the application does not understand. */
export class DatabaseIsOlder extends Error {
	override name = 'DatabaseIsOlder';
}

/** Nothing but the restore may use the database. */
export class HalfRestored extends Error {
	override name = 'HalfRestored';
}

/** With other keys than those people have signed in with, all of them would have to do so again. */
async function refuseOtherKeys(db: Db, secrets: Secrets): Promise<void> {
	const { looked, opened } = await countReadableGrants(db, secrets);
	if (looked === 0 || opened > 0) return;
	const reason =
		'opens none of the sign-ins in the database: put the former key behind it, after a comma. if it is lost, run plyr keys forget, and everybody signs in again';
	throw new ConfigError([
		{ variable: 'OAUTH_ENCRYPTION_KEY', reason, example: `${newEncryptionKey()},the-former-key` }
	]);
}

/** What is there of a site whose restore was cut off looks like all of it. */
async function refuseHalfRestored(db: Db): Promise<void> {
	const restore = await findRestore(db);
	if (!restore) return;
	throw new HalfRestored(
		`the backup ${restore.backupId} was not restored completely: run plyr restore again, which goes on with it`
	);
}

/**
 * Constructs the application: the one place where its parts are wired.
 * @throws DatabaseIsOlder to a guest; HalfRestored; ConfigError for keys that are not those of the database
 */
export async function createContext(
	config: Config,
	log: Logger,
	{ isGuest = false }: ContextOptions = {}
): Promise<Context> {
	const cleanups: (() => Promise<unknown>)[] = [];
	const dispose = onceAsync(async () => {
		for (const cleanup of cleanups.reverse()) await cleanup();
	});
	try {
		const metrics = createMetrics((metric, cause) =>
			log.warn('metric_not_read', { metric, ...describeError(cause) })
		);
		const tracer = isGuest ? plainTracer : await openTracer(config, metrics.registry, log);
		const closeTracer = onceAsync(() => tracer.close());
		const stopMeasuring = addProcessNumbers(metrics.registry);
		cleanups.push(closeTracer, stopMeasuring);
		const seen = { metrics, tracer };
		const secrets = await readSecrets(config, (folder) =>
			log.warn('keys_made', {
				folder,
				advice: 'back this folder up with the data: without it everybody has to sign in again'
			})
		);
		let address: Parameters<typeof connectDatabase>[0];
		if (config.database.url === undefined) {
			const dir = path.join(config.dataDir, 'postgres');
			const open = isGuest ? joinEmbeddedPostgres : startEmbeddedPostgres;
			const server = await open(dir, (line) => log.debug('postgres', { line }));
			cleanups.push(() => server.stop());
			address = server.address;
		} else address = config.database.url;

		const observe = observeQueries(seen);
		const connection = connectDatabase(address, config.database, observe);
		cleanups.push(() => connection.close());
		const locks = openLeases(address, config.database, LOCK_CONNECTIONS, LOCK_WAIT_MS);
		cleanups.push(() => locks.end(1));
		const { db, sql, direct } = connection;

		if (config.database.url !== undefined) {
			await refuseForgetful(direct, config.database);
			// before anything is asked through a pooler: what it has connected then stays as it is
			if (!isGuest) await keepSettings(direct, config.database);
		}
		await refuseReplica(direct);
		await refuseHalfRestored(db);
		// independent of each other, and each takes a moment
		const [applied, storage, transcoder] = await Promise.all([
			isGuest ? refuseOlder(db) : migrateToLatest(address, config.database),
			createStorage(config.storage).then((opened) => observeStorage(opened, seen)),
			openTranscoder(config, log).then((opened) => observeTranscoder(opened, seen))
		]);
		cleanups.push(
			() => storage.close(),
			() => transcoder.close()
		);
		if (applied.length > 0) log.info('database_migrated', { applied });
		if (!isGuest) await refuseOtherKeys(db, secrets);

		const oauth = await openOauth({ config, log, db, locks, secrets, ...seen });
		const hub = await openHub(direct, log);
		cleanups.push(() => hub.close());
		const jobs = await openJobs({ sql, direct, log });
		const listeners = createListeners(secrets.encryptionKeys);
		const world = { db, sql, direct, storage, transcoder, oauth, listeners, hub, jobs };
		const { replicaUrl } = config.database;
		const isRead = replicaUrl !== undefined && config.roles.web && !isGuest;
		const replica = isRead
			? openReplica(replicaUrl, address, config.database, { log, metrics, observe })
			: undefined;
		if (replica) cleanups.push(() => replica.close());
		const publicDb = replica ? connection.readers(replica) : db;
		const ctx: Context = { config, log, ...seen, ...world, publicDb, replica, dispose };
		addSharedNumbers(ctx);
		addPoolNumbers(metrics.registry, {
			queries: () => connection.use(),
			locks: () => locks.use,
			...(replica ? { replica: () => replica.leases.use } : {})
		});
		addReplicaNumbers(metrics.registry, () => replica?.lagSeconds);
		// the last numbers it sends are asked of the database
		cleanups.push(closeTracer);
		// workers stop first: whatever they hold is handed back while everything else still runs
		cleanups.push(() => jobs.close());
		if (config.roles.worker) await jobs.work(ctx);
		return ctx;
	} catch (cause) {
		await dispose();
		throw cause;
	}
}

async function refuseOlder(db: Db): Promise<string[]> {
	const pending = await pendingMigrations(db, await migrationNames());
	if (pending.length === 0) return [];
	const count = pending.length === 1 ? 'a migration' : `${pending.length} migrations`;
	throw new DatabaseIsOlder(`the database lacks ${count} of this version`);
}

function onceAsync(action: () => Promise<void>): () => Promise<void> {
	let running: Promise<void> | undefined;
	return () => (running ??= action());
}
