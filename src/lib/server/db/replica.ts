import { setTimeout as sleep } from 'node:timers/promises';
import type postgres from 'postgres';
import type { Config } from '#lib/server/config.ts';
import { describeError, type Logger } from '#lib/server/log.ts';
import type { Metrics } from '#lib/server/metrics/metrics.ts';
import { openReplicaPool } from './connect.ts';
import type { Leases } from './leases.ts';
import type { QueryObserver } from './observe-queries.ts';
import { ReplicaLag } from './replica-lag.ts';
import { answered } from './sockets.ts';

/** A copy of the database that may be read instead of it, while it is near enough. */
export interface Replica {
	leases: Leases;
	/** whether it is there, and no further behind than it may be */
	readonly isCurrent: boolean;
	/** seconds; Infinity when that is not known */
	readonly lagSeconds: number;
	/** counts a query that was asked here, or why it was not */
	count(where: 'replica' | 'behind' | 'away' | 'failed'): void;
	/** it did not answer as it should: it is left alone until it is looked at again */
	failed(cause: unknown): void;
	close(): Promise<void>;
}

const LOOK_EVERY_MS = 1_000;
/** What says nothing for so long is away. */
const LOOK_LIMIT_MS = 2_000;

/** Opens the pool, and looks once a second how far it is behind; until it is known, nothing is asked there. */
export function openReplica(
	url: string,
	primary: postgres.Sql,
	options: Config['database'],
	{ log, metrics, observe }: { log: Logger; metrics: Metrics; observe: QueryObserver }
): Replica {
	const { leases, sql } = openReplicaPool(url, options, observe);
	const lag = new ReplicaLag();
	const closing = new AbortController();
	let behindMs = Infinity;
	let isAway = true;
	let hasBeenUsed: boolean | undefined;
	/** which database this is, whatever server has it */
	let ownSystem: string | undefined;

	const look = async () => {
		const askedAtMs = performance.now();
		const [own, other] = await Promise.allSettled([
			// a connection that says nothing is closed after a while, and made anew
			within(
				answered(
					sql,
					sql<[{ position: number | null; system: string }]>`
				select case when pg_is_in_recovery()
					then (pg_last_wal_replay_lsn() - '0/0')::float8 end as position,
					system_identifier::text as system from pg_control_system()`
				)
			),
			within(primary<[{ position: number; system: string }]>`
				select (pg_current_wal_lsn() - '0/0')::float8 as position,
					system_identifier::text as system from pg_control_system()`)
		]);
		// of a primary that is away nothing is new
		if (other.status === 'fulfilled') {
			lag.sawPrimary(other.value[0].position, askedAtMs);
			ownSystem = other.value[0].system;
		}
		// how far another database's replica has got says nothing about this one
		const isOurs = own.status === 'fulfilled' && own.value[0].system === ownSystem;
		const position = isOurs ? own.value[0].position : null;
		isAway = position === null;
		behindMs = position === null ? Infinity : lag.behindMs(position, performance.now());
		say(own.status === 'rejected' ? own.reason : undefined);
	};
	const say = (cause?: unknown) => {
		const { isCurrent } = replica;
		if (isCurrent === hasBeenUsed) return;
		hasBeenUsed = isCurrent;
		if (isCurrent) log.info('replica_used');
		else {
			const why =
				cause === undefined
					? isAway
						? 'it is no replica of this database'
						: 'it is behind'
					: undefined;
			log.warn('replica_not_used', {
				...(why === undefined ? describeError(cause) : { error: why }),
				lagSeconds: Number.isFinite(behindMs) ? Math.round(behindMs / 1000) : null
			});
		}
	};
	const replica: Replica = {
		leases,
		get isCurrent() {
			return !isAway && behindMs <= options.replicaLagMs;
		},
		get lagSeconds() {
			return behindMs / 1000;
		},
		count: (where) => metrics.publicReads.add(1, where),
		failed(cause) {
			isAway = true;
			behindMs = Infinity;
			say(cause);
		},
		async close() {
			closing.abort();
			await looking;
			await Promise.all([leases.end(1), sql.end({ timeout: 0 })]);
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

async function within<T>(asking: PromiseLike<T>): Promise<T> {
	const over = new AbortController();
	const limit = sleep(LOOK_LIMIT_MS, undefined, { signal: over.signal }).then(() => {
		throw new Error(`it has said nothing for ${LOOK_LIMIT_MS} ms`);
	});
	limit.catch(() => undefined);
	try {
		return await Promise.race([asking, limit]);
	} finally {
		over.abort();
	}
}
