import {
	type Driver,
	Kysely,
	PostgresAdapter,
	PostgresIntrospector,
	PostgresQueryCompiler
} from 'kysely';
import type postgres from 'postgres';
import type { Config } from '#lib/server/config.ts';
import { connect, directAddress, LEASED, pooledSettings, settingsOf } from './client.ts';
import { Leases, type PoolUse } from './leases.ts';
import { LeasingDriver } from './leasing-driver.ts';
import type { QueryObserver } from './observe-queries.ts';
import { ReadingDriver } from './reading-driver.ts';
import type { Replica } from './replica.ts';
import type { Database } from './schema.ts';

export type Db = Kysely<Database>;

/** Where the server listens: an address, or the socket of the embedded one. */
export type DatabaseAddress =
	string | { host: string; port: number; user: string; database: string };

/** The query builder, and a client beside it for what is not built: jobs and notifications. */
export interface DatabaseConnection {
	db: Db;
	sql: postgres.Sql;
	/** past a pooler, for what outlives a statement: notifications and locks; `sql` itself where there is none */
	direct: postgres.Sql;
	/** `db` for what everybody may read: of a replica, when one is given, is there and is near enough */
	readers(replica: Replica): Db;
	/** how the connections of `db` are used at this moment */
	use(): PoolUse;
	/** ends the pool; queries under way get `timeoutSeconds` to finish */
	close(timeoutSeconds?: number): Promise<void>;
}

/** What jobs ask on their own, beside requests: their part of the connections. */
const jobConnections = (poolSize: number) => Math.max(1, Math.min(3, Math.floor(poolSize / 3)));

/**
 * Opens the pool. It connects lazily; waiting for a connection, making one and every statement
 * have a time limit each, whatever has become of the server.
 */
export function connectDatabase(
	address: DatabaseAddress,
	options: Config['database'],
	observe?: QueryObserver
): DatabaseConnection {
	const jobs = jobConnections(options.poolSize);
	const isPooled = options.pooler === 'transaction';
	const settings = isPooled ? pooledSettings() : settingsOf(options);
	const sql = connect(address, options, { ...settings, max: jobs });
	const direct = isPooled ? openDirectClient(address, options) : sql;
	const size = options.poolSize - jobs;
	const leases = new Leases({
		size,
		waitMs: options.connectionTimeoutMs,
		observe,
		open: (onclose) => connect(address, options, { ...settings, ...LEASED, onclose })
	});
	const driver = new LeasingDriver(leases);
	const db = buildWith(driver);
	return {
		db,
		sql,
		direct,
		readers: (replica) => buildWith(new ReadingDriver(driver, replica)),
		use: () => leases.use,
		close: async (timeoutSeconds = 3) => {
			const clients = new Set([sql, direct]);
			const ended = Promise.all([...clients].map((one) => one.end({ timeout: timeoutSeconds })));
			// refuses every later query: an ended postgres.js client asked for a connection never gives
			// up, and holds the whole process
			await db.destroy();
			await ended;
		}
	};
}

const buildWith = (driver: Driver): Db =>
	new Kysely<Database>({
		dialect: {
			createDriver: () => driver,
			createAdapter: () => new PostgresAdapter(),
			createQueryCompiler: () => new PostgresQueryCompiler(),
			createIntrospector: (kysely) => new PostgresIntrospector(kysely)
		}
	});

/** As many connections to a replica as there are to the database, and one to look after it. */
export function openReplicaPool(
	url: string,
	options: Config['database'],
	observe?: QueryObserver
): { leases: Leases; sql: postgres.Sql } {
	const settings = settingsOf(options);
	return {
		leases: new Leases({
			size: options.poolSize,
			waitMs: options.connectionTimeoutMs,
			observe,
			open: (onclose) => connect(url, options, { ...settings, ...LEASED, onclose })
		}),
		sql: connect(url, options, { ...settings, max: 1 })
	};
}

/** One connection past the pooler, for whatever this process asks there now and then. */
export const openDirectClient = (
	address: DatabaseAddress,
	options: Config['database']
): postgres.Sql =>
	connect(directAddress(address, options), options, { ...settingsOf(options), max: 1 });

/** As `connectDatabase`, past the pooler: for what changes the database's form, and takes its time. */
export const connectDirectly = (
	address: DatabaseAddress,
	options: Config['database']
): DatabaseConnection =>
	connectDatabase(directAddress(address, options), { ...options, pooler: 'none' });

/**
 * `size` connections of their own at most, for what must not take from the pool: locks that are
 * held while a remote answers. Each is a session.
 */
export const openLeases = (
	address: DatabaseAddress,
	options: Config['database'],
	size: number,
	statementTimeoutMs = options.statementTimeoutMs
): Leases => {
	const limited = { ...options, statementTimeoutMs };
	const at = directAddress(address, options);
	return new Leases({
		size,
		waitMs: options.connectionTimeoutMs,
		open: (onclose) => connect(at, limited, { ...settingsOf(limited), ...LEASED, onclose })
	});
};

/**
 * One connection without limits of time, for what reads or writes all there is. The client would quietly
 * make another one, outside of the transaction: `onClose` tells that the first is lost.
 */
export const openBulkClient = (
	address: DatabaseAddress,
	options: Config['database'],
	onClose: () => void
): postgres.Sql => {
	const unlimited = { ...options, statementTimeoutMs: 0 };
	const settings = settingsOf(unlimited);
	return connect(directAddress(address, options), unlimited, {
		...settings,
		...LEASED,
		idle_timeout: undefined,
		onclose: onClose,
		connection: { ...settings.connection, idle_in_transaction_session_timeout: 0 }
	});
};
