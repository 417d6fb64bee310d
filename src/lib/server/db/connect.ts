import { Kysely } from 'kysely';
import { PostgresJSDialect } from 'kysely-postgres-js';
import postgres from 'postgres';
import type { Config } from '#lib/server/config.ts';
import type { Database } from './schema.ts';

export type Db = Kysely<Database>;

/** Where the server listens: an address, or the socket of the embedded one. */
export type DatabaseAddress =
	string | { host: string; port: number; user: string; database: string };

/** The query builder and the client below it; they share one pool. */
export interface DatabaseConnection {
	db: Db;
	sql: postgres.Sql;
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

/**
 * Opens the pool. It connects lazily; every statement and every connection attempt has a time
 * limit, and connections are replaced after half an hour so that none goes stale.
 */
export function connectDatabase(
	address: DatabaseAddress,
	options: Config['database']
): DatabaseConnection {
	const sql = openClient(address, options, options.poolSize);
	const db = new Kysely<Database>({ dialect: new PostgresJSDialect({ postgres: sql }) });
	return {
		db,
		sql,
		close: async (timeoutSeconds = 3) => {
			const ended = sql.end({ timeout: timeoutSeconds });
			// refuses every later query: an ended postgres.js client asked for a connection never gives
			// up, and holds the whole process
			await db.destroy();
			await ended;
		}
	};
}

/** A client of its own with `size` connections at most, for what must not take from the pool: locks held while a remote answers. */
export function openClient(
	address: DatabaseAddress,
	options: Config['database'],
	size: number,
	statementTimeoutMs = options.statementTimeoutMs
): postgres.Sql {
	const settings: postgres.Options<{
		bigint: postgres.PostgresType<number>;
		json: postgres.PostgresType<unknown>;
	}> = {
		max: size,
		connect_timeout: options.connectionTimeoutMs / 1000,
		idle_timeout: 60,
		max_lifetime: 30 * 60,
		types: { bigint, json },
		onnotice: () => undefined,
		connection: {
			application_name: 'plyr',
			statement_timeout: statementTimeoutMs,
			idle_in_transaction_session_timeout: 60_000
		}
	};
	return typeof address === 'string'
		? postgres(address, settings)
		: postgres({ ...address, ...settings });
}
