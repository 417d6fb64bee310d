import { AsyncLocalStorage } from 'node:async_hooks';
import { createHash } from 'node:crypto';
import type { LeasedConnection, Leases } from '#lib/server/db/leases.ts';
import { PdsUnavailable } from './oauth-errors.ts';

/** Runs `action` while nobody else, in any process on the same database, runs one under `name`. */
export interface RequestLock {
	<T>(name: string, action: () => T | PromiseLike<T>): Promise<T>;
	/** What `action` asks to lock is not locked: for looking at a grant without changing it. */
	unlocked<T>(action: () => Promise<T>): Promise<T>;
}

interface Held {
	names: ReadonlySet<string>;
	isOff: boolean;
}

/**
 * One refresh at a time per person, across processes. A process first queues among its own
 * requests, so that a person takes one lock connection of it at most, however many requests wait;
 * then it takes an advisory lock in Postgres, which goes with the connection when a process dies.
 * An action may lock its own name again.
 * @param locks connections that are for this only
 * @param waitLimitMs for the queue and for Postgres each; then PdsUnavailable is thrown
 */
export function createRequestLock(locks: Leases, waitLimitMs = 40_000): RequestLock {
	const queues = new Map<string, Promise<unknown>>();
	const held = new AsyncLocalStorage<Held>();

	async function lock<T>(name: string, action: () => T | PromiseLike<T>): Promise<T> {
		const outer = held.getStore();
		if (outer?.isOff || outer?.names.has(name)) return await action();
		const leaveQueue = await takeTurn(queues, name, waitLimitMs);
		try {
			const connection = await lend(locks, waitLimitMs);
			try {
				await takeAdvisoryLock(connection, name, waitLimitMs);
				const names = new Set([...(outer?.names ?? []), name]);
				return await held.run({ names, isOff: false }, async () => await action());
			} finally {
				await giveBack(locks, connection);
			}
		} finally {
			leaveQueue();
		}
	}

	return Object.assign(lock, {
		unlocked: <T>(action: () => Promise<T>) =>
			held.run({ names: held.getStore()?.names ?? new Set(), isOff: true }, action)
	});
}

/** Waits for everybody who came before; the returned function lets the next one go. */
async function takeTurn(
	queues: Map<string, Promise<unknown>>,
	name: string,
	waitLimitMs: number
): Promise<() => void> {
	const before = queues.get(name) ?? Promise.resolve();
	const { promise: mine, resolve } = Promise.withResolvers<undefined>();
	const leave = () => resolve(undefined);
	const tail = before.then(() => mine);
	queues.set(name, tail);
	void tail.then(() => {
		if (queues.get(name) === tail) queues.delete(name);
	});
	try {
		await within(before, waitLimitMs, 'its turn');
	} catch (cause) {
		leave();
		throw cause;
	}
	return leave;
}

async function lend(locks: Leases, waitLimitMs: number): Promise<LeasedConnection> {
	try {
		return await locks.lend(waitLimitMs);
	} catch (cause) {
		throw new PdsUnavailable(cause);
	}
}

async function takeAdvisoryLock(
	connection: LeasedConnection,
	name: string,
	waitLimitMs: number
): Promise<void> {
	const limit = `${waitLimitMs}ms`;
	try {
		await connection.run(`select set_config('lock_timeout', $1, false)`, [limit]);
		await connection.run('select pg_advisory_lock($1::bigint)', [advisoryKey(name)]);
	} catch (cause) {
		throw new PdsUnavailable(cause);
	}
}

/** Advisory locks are numbers; two names of one number merely wait for each other. */
const advisoryKey = (name: string) =>
	createHash('sha256').update(name).digest().readBigInt64BE(0).toString();

async function giveBack(locks: Leases, connection: LeasedConnection): Promise<void> {
	try {
		// also right when the lock was never had
		await connection.run('select pg_advisory_unlock_all()');
	} catch {
		// the connection is lost, and the lock went with it
	}
	locks.giveBack(connection);
}

function within<T>(waiting: Promise<T>, limitMs: number, what: string): Promise<T> {
	return new Promise((resolve, reject) => {
		const timer = setTimeout(
			() => reject(new PdsUnavailable(new Error(`waited ${limitMs} ms for ${what}`))),
			limitMs
		);
		waiting.then(resolve, reject).finally(() => clearTimeout(timer));
	});
}
