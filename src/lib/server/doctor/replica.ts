import type { Config } from '#lib/server/config.ts';
import { openReplicaPool } from '#lib/server/db/connect.ts';
import type { ExaminedDatabase } from './database.ts';
import { fault, type Finding, note, ok, reasonOf } from './finding.ts';

const PART = 'replica';
/** More than a busy database writes while one question is asked after the other. */
const FAR_BYTES = 16 * 1024 * 1024;

interface Place {
	/** of its log; null: it follows nobody */
	position: number | null;
	/** the same of a database and all its replicas */
	system: string;
}

/** Whether the replica is one of this database, and how far it has got. */
export async function examineReplica(
	{ database: options }: Config,
	{ sql }: ExaminedDatabase
): Promise<Finding[]> {
	if (options.replicaUrl === undefined) return [];
	const { sql: replica } = openReplicaPool(options.replicaUrl, options);
	try {
		const [own] = await sql<[Place]>`
			select (pg_current_wal_lsn() - '0/0')::float8 as position, system_identifier::text as system
			from pg_control_system()`;
		const [other] = await replica<[Place]>`
			select case when pg_is_in_recovery() then (pg_last_wal_replay_lsn() - '0/0')::float8 end as position,
				system_identifier::text as system
			from pg_control_system()`;
		if (other.system !== own.system || other.position === null) {
			const says = other.position === null ? 'it is no replica' : 'it is one of another database';
			const cure =
				'let DATABASE_REPLICA_URL name a server that streams from the database, or leave it out';
			return [fault(PART, says, cure)];
		}
		const behind = Math.max(0, (own.position ?? 0) - other.position);
		const says = `it is ${(behind / 1024 / 1024).toFixed(1)} MB behind`;
		if (behind < FAR_BYTES) return [ok(PART, says)];
		return [
			note(PART, says, 'look at pg_stat_replication of the database, and at the replica itself')
		];
	} catch (cause) {
		const cure =
			'start it, or leave DATABASE_REPLICA_URL out: until then everything is read from the database';
		return [fault(PART, `it cannot be read: ${reasonOf(cause)}`, cure)];
	} finally {
		await replica.end({ timeout: 0 });
	}
}
