import { Kysely, PostgresAdapter, PostgresIntrospector, PostgresQueryCompiler } from 'kysely';
import postgres from 'postgres';
import type { Config } from '#lib/server/config.ts';
import { Leases, type PoolUse } from './leases.ts';
import { LeasingDriver } from './leasing-driver.ts';
import type { QueryObserver } from './observe-queries.ts';
import type { Database } from './schema.ts';
import { keepSockets, Sockets } from './sockets.ts';

export type Db = Kysely<Database>;

/** Where the server listens: an address, or the socket of the embedded one. */
export type DatabaseAddress =
	string | { host: string; port: number; user: string; database: string };

/** The query builder, and a client beside it for what is not built: jobs and notifications. */
export interface DatabaseConnection {
	db: Db;
	sql: postgres.Sql;
	/** how the connections of `db` are used at this moment */
	use(): PoolUse;
	/** ends the pool; queries under way get `timeoutSeconds` to finish */
	close(timeoutSeconds?: number): Promise<void>;
}

/** int8 as a JavaScript number: every bigint of ours is a count or a size below 2^53. */
const bigint = {
	to: 20,
	from: [20],
	serialize: (value: number | bigint) => value.toString(),
	parse: (text: string) => Number(text)
};

/**
 * A JSON column gets the text we wrote ourselves, as kysely's types ask for it and pg-boss does
 * it; the driver's own rule would wrap that text into a JSON string once more.
 */
const json = {
	to: 114,
	from: [114, 3802],
	serialize: (value: unknown) => (typeof value === 'string' ? value : JSON.stringify(value)),
	parse: (text: string): unknown => JSON.parse(text)
};

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
	const sql = connect(address, { ...settingsOf(options), max: jobs });
	const size = options.poolSize - jobs;
	const leases = openLeases(address, options, size, options.statementTimeoutMs, observe);
	const driver = new LeasingDriver(leases);
	const db = new Kysely<Database>({
		dialect: {
			createDriver: () => driver,
			createAdapter: () => new PostgresAdapter(),
			createQueryCompiler: () => new PostgresQueryCompiler(),
			createIntrospector: (kysely) => new PostgresIntrospector(kysely)
		}
	});
	return {
		db,
		sql,
		use: () => leases.use,
		close: async (timeoutSeconds = 3) => {
			const ended = sql.end({ timeout: timeoutSeconds });
			// refuses every later query: an ended postgres.js client asked for a connection never gives
			// up, and holds the whole process
			await db.destroy();
			await ended;
		}
	};
}

/**
 * `size` connections of their own at most, for what must not take from the pool: locks that are
 * held while a remote answers.
 */
export const openLeases = (
	address: DatabaseAddress,
	options: Config['database'],
	size: number,
	statementTimeoutMs = options.statementTimeoutMs,
	observe?: QueryObserver
): Leases =>
	new Leases({
		size,
		waitMs: options.connectionTimeoutMs,
		observe,
		open: (onclose) =>
			connect(address, {
				...settingsOf({ ...options, statementTimeoutMs }),
				max: 1,
				// the client would end it within a transaction, so leases do it
				max_lifetime: null,
				onclose
			})
	});

/**
 * One connection without limits of time, for what reads or writes all there is. The client would quietly
 * make another one, outside of the transaction: `onClose` tells that the first is lost.
 */
export const openBulkClient = (
	address: DatabaseAddress,
	options: Config['database'],
	onClose: () => void
): postgres.Sql => {
	const settings = settingsOf({ ...options, statementTimeoutMs: 0 });
	return connect(address, {
		...settings,
		max: 1,
		idle_timeout: undefined,
		// the client would end it within the transaction
		max_lifetime: null,
		onclose: onClose,
		connection: { ...settings.connection, idle_in_transaction_session_timeout: 0 }
	});
};

function connect(address: DatabaseAddress, settings: postgres.Options<Types>): postgres.Sql {
	const sockets = new Sockets();
	// an option its types do not know
	const all = Object.assign(settings, { socket: sockets.make });
	const sql =
		typeof address === 'string' ? postgres(address, all) : postgres({ ...address, ...all });
	return keepSockets(sql, sockets);
}

interface Types extends Record<string, postgres.PostgresType> {
	bigint: postgres.PostgresType<number>;
	json: postgres.PostgresType<unknown>;
}

const settingsOf = (options: Config['database']): postgres.Options<Types> => ({
	connect_timeout: options.connectionTimeoutMs / 1000,
	idle_timeout: 60,
	max_lifetime: 30 * 60,
	types: { bigint, json },
	onnotice: () => undefined,
	connection: {
		application_name: 'plyr',
		statement_timeout: options.statementTimeoutMs,
		// its table is made as large as all rows would need, for the few that a page has
		enable_memoize: 'off',
		idle_in_transaction_session_timeout: 60_000
	}
});
