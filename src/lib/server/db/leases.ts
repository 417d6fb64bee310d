import type postgres from 'postgres';
import type { QueryObserver } from './observe-queries.ts';
import { answered } from './sockets.ts';
import { databaseUnavailable, isConnectionLost, isTimedOut } from './unavailable.ts';

/** Connections are replaced after this long, so that none goes stale. */
const LONGEST_LIFE_MS = 30 * 60 * 1000;

export interface LeasesOptions {
	/** opens a client of one connection */
	open: (onClose: () => void) => postgres.Sql;
	/** so many of them at most */
	size: number;
	/** how long somebody waits for one */
	waitMs: number;
	/** sees every query */
	observe?: QueryObserver | undefined;
}

/** How many connections there are, and what becomes of them. */
export interface PoolUse {
	/** so many at most */
	size: number;
	inUse: number;
	idle: number;
	/** users who want one */
	waiting: number;
}

type Waiter = (connection: LeasedConnection) => void;

/**
 * Connections, each lent to one user at a time. The client's own way of reserving one is not used:
 * when a reserved connection is lost, giving it back or asking it anything ends the whole process
 * (postgres.js 3.4.9). They are made when they are needed; waiting for one has a limit.
 */
export class Leases {
	readonly #options: LeasesOptions;
	readonly #all = new Set<LeasedConnection>();
	readonly #idle: LeasedConnection[] = [];
	readonly #waiting = new Set<Waiter>();

	constructor(options: LeasesOptions) {
		this.#options = options;
	}

	/** As it is at this moment. */
	get use(): PoolUse {
		const idle = this.#idle.length;
		const inUse = this.#all.size - idle;
		return { size: this.#options.size, inUse, idle, waiting: this.#waiting.size };
	}

	/** @throws DomainError 503 `database_unavailable` when none is free in time */
	async lend(waitMs = this.#options.waitMs): Promise<LeasedConnection> {
		const connection =
			this.#idle.pop() ??
			(this.#all.size < this.#options.size ? this.#open() : await this.#wait(waitMs));
		connection.isLent = true;
		return connection;
	}

	giveBack(connection: LeasedConnection): void {
		connection.isLent = false;
		const isOld = performance.now() - connection.bornAt > LONGEST_LIFE_MS;
		const next = connection.isLost || isOld ? this.#replace(connection) : connection;
		const [waiter] = this.#waiting;
		if (waiter) waiter(next);
		else this.#idle.push(next);
	}

	/** @param timeoutSeconds what is under way gets to finish */
	async end(timeoutSeconds = 3): Promise<void> {
		await Promise.all([...this.#all].map((connection) => connection.end(timeoutSeconds)));
	}

	#open(): LeasedConnection {
		const connection = new LeasedConnection(this.#options.open, this.#options.observe);
		this.#all.add(connection);
		return connection;
	}

	#replace(connection: LeasedConnection): LeasedConnection {
		this.#all.delete(connection);
		void connection.end(5);
		return this.#open();
	}

	#wait(waitMs: number): Promise<LeasedConnection> {
		return new Promise((resolve, reject) => {
			const waiter: Waiter = (connection) => {
				clearTimeout(timer);
				this.#waiting.delete(waiter);
				resolve(connection);
			};
			const timer = setTimeout(() => {
				this.#waiting.delete(waiter);
				reject(databaseUnavailable(new Error(`no connection was free for ${waitMs} ms`)));
			}, waitMs);
			this.#waiting.add(waiter);
		});
	}
}

/** All columns of a table: another thing after each that is added. */
const ALL_COLUMNS = /(?:\bselect|\breturning|,|\.)\s*\*/i;

/**
 * Prepared, so that it is planned once. The client would send a query without parameters as it is, to be
 * planned each time, unless it is told not to (an option its types do not know); what is no reading may
 * be several statements, which cannot be prepared. What has all columns is not prepared within a
 * transaction: when a newer version adds one meanwhile, the database refuses what was prepared before it,
 * and the client, which prepares it anew elsewhere, cannot go on with a transaction that has failed.
 */
const prepared = (text: string, values: readonly unknown[], isInTransaction: boolean) => ({
	prepare: !(isInTransaction && ALL_COLUMNS.test(text)),
	simple: values.length === 0 && !/^\s*(?:select|with)\b/i.test(text)
});

/** One connection. Once it is lost it stays so: what it held (a transaction, locks) is gone. */
export class LeasedConnection {
	readonly bornAt = performance.now();
	/** while it is not, it may be closed and made anew */
	isLent = false;
	readonly #sql: postgres.Sql;
	readonly #observe: QueryObserver;
	#isLost = false;
	#isInTransaction = false;

	constructor(open: LeasesOptions['open'], observe: QueryObserver = (_text, run) => run()) {
		this.#observe = observe;
		// the client would quietly make another one
		this.#sql = open(() => (this.#isLost ||= this.isLent));
	}

	get isLost(): boolean {
		return this.#isLost;
	}

	/** @throws DomainError 503 `database_unavailable` when the connection is lost or cannot be made, or the answer takes too long */
	async run(
		text: string,
		parameters: readonly unknown[] = []
	): Promise<postgres.RowList<postgres.Row[]>> {
		if (this.#isLost) throw databaseUnavailable(new Error('the connection was lost'));
		const values = [...parameters] as postgres.ParameterOrJSON<never>[];
		const options = prepared(text, values, this.#isInTransaction);
		if (/^(?:start|begin|commit|rollback)\b(?! to)/i.test(text)) {
			this.#isInTransaction = /^[sb]/i.test(text);
		}
		try {
			return await this.#observe(text, () =>
				answered(this.#sql, this.#sql.unsafe(text, values, options))
			);
		} catch (cause) {
			if (isTimedOut(cause)) throw databaseUnavailable(cause);
			if (!isConnectionLost(cause)) throw cause;
			this.#isLost = true;
			throw databaseUnavailable(cause);
		}
	}

	async end(timeoutSeconds: number): Promise<void> {
		await this.#sql.end({ timeout: timeoutSeconds });
	}
}
