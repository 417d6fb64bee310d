import type {
	CompiledQuery,
	DatabaseConnection,
	Driver,
	QueryResult,
	TransactionSettings
} from 'kysely';
import type { LeasedConnection, Leases } from './leases.ts';

/** Lets kysely use leased connections: each query or transaction borrows one. */
export class LeasingDriver implements Driver {
	readonly #leases: Leases;

	constructor(leases: Leases) {
		this.#leases = leases;
	}

	init(): Promise<void> {
		return Promise.resolve();
	}

	async acquireConnection(): Promise<DatabaseConnection> {
		return new DriverConnection(await this.#leases.lend());
	}

	releaseConnection(connection: DatabaseConnection): Promise<void> {
		this.#leases.giveBack(leaseOf(connection));
		return Promise.resolve();
	}

	async beginTransaction(
		connection: DatabaseConnection,
		{ isolationLevel, accessMode }: TransactionSettings
	): Promise<void> {
		const modes = [isolationLevel && `isolation level ${isolationLevel}`, accessMode];
		const settings = modes.filter((mode) => mode !== undefined).join(', ');
		await leaseOf(connection).run(`start transaction ${settings}`);
	}

	async commitTransaction(connection: DatabaseConnection): Promise<void> {
		const { command } = await leaseOf(connection).run('commit');
		// what the database answers when a statement had failed and nobody minded
		if (command === 'ROLLBACK') throw new Error('the transaction was rolled back, not committed');
	}

	async rollbackTransaction(connection: DatabaseConnection): Promise<void> {
		const lease = leaseOf(connection);
		// with its connection a transaction is gone
		if (!lease.isLost) await lease.run('rollback');
	}

	async destroy(): Promise<void> {
		await this.#leases.end();
	}
}

function leaseOf(connection: DatabaseConnection): LeasedConnection {
	if (connection instanceof DriverConnection) return connection.lease;
	throw new Error('this connection was not lent by this driver');
}

class DriverConnection implements DatabaseConnection {
	readonly lease: LeasedConnection;

	constructor(lease: LeasedConnection) {
		this.lease = lease;
	}

	async executeQuery<R>(query: CompiledQuery): Promise<QueryResult<R>> {
		const result = await this.lease.run(query.sql, query.parameters);
		const isChange = /^(INSERT|UPDATE|DELETE|MERGE)$/.test(result.command);
		return {
			rows: [...result] as unknown as R[],
			...(isChange ? { numAffectedRows: BigInt(result.count) } : {})
		};
	}

	streamQuery(): never {
		throw new Error('rows are not streamed: ask for a page of them');
	}
}
