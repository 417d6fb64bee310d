import type postgres from 'postgres';

/**
 * A replica reads, and refuses whatever else a site needs, each with words of its own.
 * @throws Error, and not that the configuration is wrong: one that takes its database's place is none
 * in a moment, and a start that is tried again finds it so
 */
export async function refuseReplica(sql: postgres.Sql): Promise<void> {
	const [row] = await sql<{ isReplica: boolean }[]>`select pg_is_in_recovery() as "isReplica"`;
	if (!row?.isReplica) return;
	throw new Error(
		'DATABASE_URL leads to a replica, which only reads: let it name the database that the replica streams from'
	);
}
