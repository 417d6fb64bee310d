import postgres from 'postgres';
import type { Config } from '#lib/server/config.ts';
import type { DatabaseAddress } from './connect.ts';
import { sessionSettings } from './session-settings.ts';
import { keepSockets, Sockets } from './sockets.ts';

/**
 * Where what needs a session of its own is asked: behind a transaction pooler each transaction may be
 * another session.
 */
export const directAddress = (
	address: DatabaseAddress,
	options: Config['database']
): DatabaseAddress => options.directUrl ?? address;

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

/** Opens a client of as many connections as are given; each is made when it is needed. */
export function connect(
	address: DatabaseAddress,
	{ statementTimeoutMs, connectionTimeoutMs }: Config['database'],
	given: postgres.Options<Types>
): postgres.Sql {
	const sockets = new Sockets(statementTimeoutMs);
	const settings: postgres.Options<Types> = {
		connect_timeout: connectionTimeoutMs / 1000,
		idle_timeout: 60,
		max_lifetime: 30 * 60,
		types: { bigint, json },
		onnotice: () => undefined,
		...given
	};
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

/** The client would end it within a transaction, so whoever has lent it does. */
export const LEASED = { max: 1, max_lifetime: null } as const;

/** Of a session of our own, which is told once what holds for all that it is asked. */
export const settingsOf = (options: Config['database']): postgres.Options<Types> => ({
	connection: {
		application_name: options.directUrl === undefined ? APPLICATION : `${APPLICATION}-direct`,
		...sessionSettings(options)
	}
});

/**
 * Of a connection to a transaction pooler. It refuses what it does not know when a connection is made,
 * so that those who get to the server through it have their settings from their role
 * (session-settings.ts); and what was prepared in one session is not known in the next.
 */
export const pooledSettings = (): postgres.Options<Types> & { max_pipeline: number } => ({
	prepare: false,
	// asked before the last answer is there, PgBouncer 1.18 drops its session and says nothing
	max_pipeline: 0,
	connection: { application_name: APPLICATION }
});

const APPLICATION = 'plyr';
