import { setTimeout as sleep } from 'node:timers/promises';
import type postgres from 'postgres';
import type { Config } from '#lib/server/config.ts';
import { describeError, type Logger } from '#lib/server/log.ts';
import type { Metrics } from '#lib/server/metrics/metrics.ts';
import { TokenBucket } from '#lib/server/token-bucket.ts';
import { type DatabaseAddress, openDirectClient, openReplicaPool } from './connect.ts';
import type { Leases } from './leases.ts';
import type { QueryObserver } from './observe-queries.ts';
import { ReplicaLag } from './replica-lag.ts';
import { answered } from './sockets.ts';

/** A copy of the database that may be read instead of it, while it is near enough. */
export interface Replica {
	leases: Leases;
	/**
	 * whether it is there, and was no further behind than it may be when the database was last heard of;
	 * when that is long ago, it is not
	 */
	readonly isCurrent: boolean;
	/** whether the database said nothing when it was last asked where it is */
	readonly isAlone: boolean;
	/** seconds, at most; Infinity when that is not known */
	readonly lagSeconds: number;
	/**
	 * whether what it does not have may be looked for in the database itself: not when that was asked anyway,
	 * or says nothing, and not too often
	 */
	mayAskAgain(): boolean;
	/** counts a query that was asked here, or why it was not */
	count(where: 'replica' | 'behind' | 'away' | 'failed' | 'again'): void;
	/** it did not answer as it should: it is left alone until it is looked at again */
	failed(cause: unknown): void;
	close(): Promise<void>;
}

const LOOK_EVERY_MS = 1_000;
/** What says nothing for so long is away. */
const LOOK_LIMIT_MS = 2_000;
/** Former pages are better than none, but not for good: the database may only be away from here. */
const LONGEST_ALONE_MS = 60 * 60_000;

/** Of what is not there: what was published within the lag is little, and who guesses addresses asks for much. */
const ASKED_AGAIN = { perSecond: 5, most: 20 };

/** What is asked of both: how far each is in the log (of the replica: null when it follows nobody). */
interface Place {
	position: number | null;
	/** which database this is, whatever server has it */
	system: string;
}

interface Tools {
	log: Logger;
	metrics: Metrics;
	observe: QueryObserver;
	/** for tests: how long it is read while nothing is heard of the database */
	longestAloneMs?: number;
}

/**
 * Opens the pool, and looks once a second how far it is behind; until it is known, nothing is asked there.
 * @param primary the database itself, which has one connection for being looked at: those of requests and
 * jobs may all be in use
 */
export function openReplica(
	url: string,
	primary: DatabaseAddress,
	options: Config['database'],
	{ log, metrics, observe, longestAloneMs = LONGEST_ALONE_MS }: Tools
): Replica {
	const { leases, sql } = openReplicaPool(url, options, observe);
	const primarySql = openDirectClient(primary, options);
	const lag = new ReplicaLag();
	const again = new TokenBucket(ASKED_AGAIN.perSecond, ASKED_AGAIN.most);
	const closing = new AbortController();
	/** when the database was last heard of */
	let behindMs = Infinity;
	/** for how long nothing has been heard of the database; 0: it has just answered */
	let unheardMs = 0;
	let isAway = true;
	let wasUsed: boolean | undefined;
	let wasAlone = false;
	let ownSystem: string | undefined;

	const look = async () => {
		const askedAtMs = performance.now();
		const [own, other] = await Promise.allSettled([
			ask(
				sql,
				sql<[Place]>`
				select case when pg_is_in_recovery()
					then (pg_last_wal_replay_lsn() - '0/0')::float8 end as position,
					system_identifier::text as system from pg_control_system()`,
				closing.signal
			),
			ask(
				primarySql,
				primarySql<[Place]>`
				select (pg_current_wal_lsn() - '0/0')::float8 as position,
					system_identifier::text as system from pg_control_system()`,
				closing.signal
			)
		]);
		if (closing.signal.aborted) return;
		if (other.status === 'fulfilled') {
			lag.sawPrimary(other.value[0].position ?? 0, askedAtMs);
			ownSystem = other.value[0].system;
		} else lag.missedPrimary();
		const nowMs = performance.now();
		unheardMs = other.status === 'fulfilled' ? 0 : nowMs - lag.heardAtMs;
		// how far another database's replica has got says nothing about this one
		const isOurs = own.status === 'fulfilled' && own.value[0].system === ownSystem;
		const position = isOurs ? own.value[0].position : null;
		isAway = position === null;
		behindMs = position === null ? Infinity : lag.behindMs(position, nowMs - unheardMs);
		sayAlone(other.status === 'rejected' ? other.reason : undefined);
		say(own.status === 'rejected' ? own.reason : undefined);
	};
	const say = (cause?: unknown) => {
		const { isCurrent } = replica;
		if (isCurrent === wasUsed) return;
		wasUsed = isCurrent;
		if (isCurrent) {
			log.info('replica_used');
			return;
		}
		const why = isAway ? 'it is no replica of this database' : 'it is behind';
		log.warn('replica_not_used', {
			...(cause === undefined ? { error: why } : describeError(cause)),
			lagSeconds: Number.isFinite(behindMs) ? Math.round(replica.lagSeconds) : null
		});
	};
	const sayAlone = (cause: unknown) => {
		const { isAlone } = replica;
		if (isAlone === wasAlone) return;
		wasAlone = isAlone;
		if (isAlone) log.warn('database_not_heard_of', describeError(cause));
		else log.info('database_heard_of');
	};
	const replica: Replica = {
		leases,
		get isCurrent() {
			return !isAway && behindMs <= options.replicaLagMs && unheardMs <= longestAloneMs;
		},
		get isAlone() {
			return unheardMs > 0;
		},
		get lagSeconds() {
			return (behindMs + unheardMs) / 1000;
		},
		mayAskAgain() {
			if (!replica.isCurrent || replica.isAlone || !again.take()) return false;
			replica.count('again');
			return true;
		},
		count: (where) => metrics.publicReads.add(1, where),
		failed(cause) {
			isAway = true;
			behindMs = Infinity;
			say(cause);
		},
		async close() {
			closing.abort(new Error('it is closed'));
			await looking;
			const clients = [sql, primarySql].map((one) => one.end({ timeout: 0 }));
			await Promise.all([leases.end(1), ...clients]);
		}
	};
	const looking = lookOn(look, closing.signal);
	return replica;
}

async function lookOn(look: () => Promise<void>, over: AbortSignal): Promise<void> {
	while (!over.aborted) {
		await look();
		await sleep(LOOK_EVERY_MS, undefined, { signal: over, ref: false }).catch(() => undefined);
	}
}

/**
 * Waits for an answer, and not for long. A connection that says nothing is closed after a while, and made
 * anew (`answered`).
 */
async function ask<T>(sql: postgres.Sql, asking: PromiseLike<T>, closing: AbortSignal): Promise<T> {
	const over = new AbortController();
	const signal = AbortSignal.any([over.signal, closing]);
	const limit = sleep(LOOK_LIMIT_MS, undefined, { signal }).then(() => {
		throw new Error(`it has said nothing for ${LOOK_LIMIT_MS} ms`);
	});
	limit.catch(() => undefined);
	try {
		return await Promise.race([answered(sql, asking), limit]);
	} finally {
		over.abort();
	}
}
