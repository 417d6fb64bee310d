import type { CompiledQuery, DatabaseConnection, Driver, QueryResult } from 'kysely';
import { DomainError } from '#lib/server/errors.ts';
import { LeasingDriver } from './leasing-driver.ts';
import type { Replica } from './replica.ts';
import { isConnectionLost, isTimedOut } from './unavailable.ts';

/** https://www.postgresql.org/docs/current/errcodes-appendix.html */
const RECOVERY_CONFLICT = '40001';
const READ_ONLY = '25006';

/**
 * Asks the replica what is read, while it is near enough; everything else, and what it could not answer, is
 * asked of the database itself. The one place where that is chosen.
 */
export class ReadingDriver implements Driver {
	readonly #primary: Driver;
	readonly #copies: Driver;
	readonly #replica: Replica;

	/** @param primary is not ended here */
	constructor(primary: Driver, replica: Replica) {
		this.#primary = primary;
		this.#copies = new LeasingDriver(replica.leases);
		this.#replica = replica;
	}

	init(): Promise<void> {
		return Promise.resolve();
	}

	/** No connection yet: which one it is shows with what is asked. */
	acquireConnection(): Promise<DatabaseConnection> {
		return Promise.resolve({
			executeQuery: async <R>(query: CompiledQuery) => await this.#read<R>(query),
			streamQuery: () => {
				throw new Error('rows are not streamed: ask for a page of them');
			}
		});
	}

	releaseConnection(): Promise<void> {
		return Promise.resolve();
	}

	beginTransaction(): Promise<void> {
		return Promise.reject(new Error('what is read for everybody needs no transaction'));
	}

	commitTransaction(): Promise<void> {
		return this.beginTransaction();
	}

	rollbackTransaction(): Promise<void> {
		return this.beginTransaction();
	}

	destroy(): Promise<void> {
		return Promise.resolve();
	}

	async #read<R>(query: CompiledQuery): Promise<QueryResult<R>> {
		const replica = this.#replica;
		if (!onlyReads(query.sql)) return await ask<R>(this.#primary, query);
		if (!replica.isCurrent) {
			replica.count(Number.isFinite(replica.lagSeconds) ? 'behind' : 'away');
			return await ask<R>(this.#primary, query);
		}
		try {
			const result = await ask<R>(this.#copies, query);
			replica.count('replica');
			return result;
		} catch (cause) {
			if (!isOfReplica(cause)) throw cause;
			replica.count('failed');
			// one that has too much to do for this query is there for the others
			if (cause instanceof DomainError && isConnectionLost(cause.cause)) replica.failed(cause);
			return await ask<R>(this.#primary, query);
		}
	}
}

const READS = /^\s*(?:select|with|values)\b/i;
/** Also within something that reads: what is returned of a change, rows that are locked, news and locks. */
const CHANGES =
	/\b(?:insert\s+into|update\s+(?:only\s+)?\S+\s+(?:(?:as\s+)?\S+\s+)?set|delete\s+from|merge\s+into|for\s+(?:no\s+key\s+)?update|for\s+(?:key\s+)?share|nextval|setval|pg_notify|pg_(?:try_)?advisory_\w+)\b/i;

/** Whether a replica can carry a statement out; by its words, as most are written before they come here. */
export const onlyReads = (text: string): boolean => READS.test(text) && !CHANGES.test(text);

async function ask<R>(driver: Driver, query: CompiledQuery): Promise<QueryResult<R>> {
	const connection = await driver.acquireConnection();
	try {
		return await connection.executeQuery<R>(query);
	} finally {
		await driver.releaseConnection(connection);
	}
}

/** Whether the database itself may well answer what the replica did not. */
const isOfReplica = (cause: unknown): boolean =>
	cause instanceof DomainError
		? // what takes too long there would here as well
			cause.code === 'database_unavailable' && !isTimedOut(cause.cause)
		: cause instanceof Error &&
			'code' in cause &&
			(cause.code === RECOVERY_CONFLICT || cause.code === READ_ONLY);
