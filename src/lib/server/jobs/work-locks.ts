import postgres from 'postgres';

/** The right to work on one thing; nobody else anywhere has it. */
export interface WorkLock {
	/** aborted when the right is lost, because the connection that holds it is */
	signal: AbortSignal;
	release(): Promise<void>;
}

/** Locks of this process, which end with it however it dies. */
export interface WorkLocks {
	/** takes the right to a thing; null: somebody has it */
	take(thing: string): Promise<WorkLock | null>;
	close(): Promise<void>;
}

/** After half a minute of silence the database notices that the machine of a lock's holder is gone. */
const KEEPALIVE = {
	tcp_keepalives_idle: '10',
	tcp_keepalives_interval: '5',
	tcp_keepalives_count: '4'
};

/**
 * Opens the locks on a connection of their own, outside the pool: PostgreSQL releases a session's
 * advisory locks the moment the session ends, so a killed process holds none.
 */
export function openWorkLocks(sql: postgres.Sql): WorkLocks {
	// a session may take its own advisory lock again: within the process we keep count ourselves
	const held = new Map<string, AbortController>();
	// the client's own way of opening one more connection to the same server: its parsed options
	const options = sql.options as unknown as postgres.Options<Record<string, never>>;
	const connection = postgres({
		...options,
		connection: { ...options.connection, ...KEEPALIVE },
		max: 1,
		// closed when idle, it would lose its locks
		idle_timeout: 0,
		max_lifetime: null,
		fetch_types: false,
		onclose() {
			for (const lock of held.values()) {
				lock.abort(new Error('the connection that holds the lock is gone'));
			}
			held.clear();
		}
	});
	return {
		async take(thing) {
			if (held.has(thing)) return null;
			const lock = new AbortController();
			held.set(thing, lock);
			const letGo = () => held.get(thing) === lock && held.delete(thing);
			const key = `work:${thing}`;
			try {
				const [row] = await connection<{ taken: boolean }[]>`
					select pg_try_advisory_lock(hashtextextended(${key}, 0)) as taken`;
				if (!row?.taken) {
					letGo();
					return null;
				}
			} catch (cause) {
				letGo();
				throw cause;
			}
			return {
				signal: lock.signal,
				async release() {
					// lost already: the new connection does not have it
					if (held.get(thing) !== lock) return;
					await connection`select pg_advisory_unlock(hashtextextended(${key}, 0))`;
					letGo();
				}
			};
		},
		async close() {
			await connection.end({ timeout: 1 });
		}
	};
}
