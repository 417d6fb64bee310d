import { Readable, type Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type postgres from 'postgres';
import type { Config } from '#lib/server/config.ts';
import { type DatabaseAddress, openBulkClient } from '#lib/server/db/connect.ts';

/** One connection in one transaction, for as long as it takes. */
export interface BulkConnection {
	sql: postgres.Sql;
	/** @throws Error when the connection is another one by now: what the transaction saw or wrote is gone */
	check: () => void;
}

/**
 * Runs one transaction without limits of time on a connection of its own.
 * @param begin the statement that begins it
 * @returns what `act` returns, when it is committed
 */
export async function inBulk<T>(
	{ address, config }: { address: DatabaseAddress; config: Config },
	begin: string,
	act: (bulk: BulkConnection) => Promise<T>
): Promise<T> {
	let isOver = false;
	let isLost = false;
	const sql = openBulkClient(address, config.database, () => (isLost = !isOver));
	const check = () => {
		if (isLost) throw new Error('the connection to the database was lost');
	};
	try {
		await sql.unsafe(begin).simple();
		const result = await act({ sql, check });
		check();
		await sql.unsafe('commit').simple();
		check();
		return result;
	} finally {
		isOver = true;
		// whatever is under way ends with the connection, and is rolled back
		await sql.end({ timeout: 0 });
	}
}

export const quoted = (name: string): string => `"${name.replaceAll('"', '""')}"`;

const COLUMNS = (columns: readonly string[]) => columns.map(quoted).join(', ');

/** The rows of a table in COPY's text format, as they come. */
export async function* copyOut(
	{ sql, check }: BulkConnection,
	table: string,
	columns: readonly string[]
): AsyncGenerator<Uint8Array, void> {
	const statement = `copy ${quoted(table)} (${COLUMNS(columns)}) to stdout`;
	const rows = await sql.unsafe(statement).readable();
	yield* rows as AsyncIterable<Buffer>;
	// when the last rows filled its buffer, the client has stopped listening for good (postgres.js 3.4.9)
	rows._read(0);
	check();
}

/** Puts rows that `copyOut` gave into a table. @throws what the rows threw, or the database said */
export async function copyIn(
	{ sql, check }: BulkConnection,
	table: string,
	columns: readonly string[],
	rows: AsyncIterable<Uint8Array>
): Promise<void> {
	const statement = `copy ${quoted(table)} (${COLUMNS(columns)}) from stdin`;
	const target: Writable = await sql.unsafe(statement).writable();
	// an error after the last row reaches nobody (postgres.js 3.4.9): whatever is asked next says that
	// the transaction has failed
	const final = target._final.bind(target);
	target._final = (callback) => {
		final(callback);
		sql.unsafe('select 1').catch((cause: unknown) => {
			callback(new Error(`the rows of ${table} do not fit`, { cause }));
		});
	};
	await pipeline(Readable.from(rows), target);
	check();
}
