import { sql } from 'kysely';
import type { Db } from './connect.ts';

/**
 * How far a backup is that is being put into a database. `made`: its tables may be there, without
 * rows; `loaded`: with all of them.
 */
export interface RestoreState {
	backupId: string;
	phase: 'made' | 'loaded';
}

/** Of its own, so that it is neither in a backup nor in the way of one. */
const SCHEMA = 'plyr_restore';

/** @returns undefined when nobody restores anything, as always but for that hour */
export async function findRestore(db: Db): Promise<RestoreState | undefined> {
	const { rows } = await sql<{ is: boolean }>`
		select to_regclass(${`${SCHEMA}.state`}) is not null as is`.execute(db);
	if (!rows[0]?.is) return undefined;
	const { rows: states } = await sql<RestoreState>`
		select backup_id as "backupId", phase from ${sql.table(`${SCHEMA}.state`)}`.execute(db);
	return states[0];
}

/** The tables of a database, and its job queue; empty: nobody has used it. */
export async function listContents(db: Db): Promise<string[]> {
	const { rows } = await sql<{ name: string }>`
		select relname as name from pg_class
		where relnamespace = 'public'::regnamespace and relkind in ('r', 'p', 'v', 'm')
			and not exists (select 1 from pg_depend where objid = pg_class.oid and deptype = 'e')
		union all select nspname from pg_namespace where nspname = 'pgboss' order by 1`.execute(db);
	return rows.map(({ name }) => name);
}

/** From here on nothing but the restore of this backup may use the database. */
export async function beginRestore(db: Db, backupId: string): Promise<void> {
	await db.transaction().execute(async (trx) => {
		await sql`create schema ${sql.id(SCHEMA)}`.execute(trx);
		await sql`create table ${sql.table(`${SCHEMA}.state`)} (
			backup_id text primary key, phase text not null)`.execute(trx);
		await sql`insert into ${sql.table(`${SCHEMA}.state`)} values (${backupId}, 'made')`.execute(
			trx
		);
	});
}

/** The statement that says that all rows are there, for the transaction they come in. */
export const SAY_LOADED = `update ${SCHEMA}.state set phase = 'loaded'`;

/** The database is like any other. */
export async function endRestore(db: Db): Promise<void> {
	await sql`drop schema ${sql.id(SCHEMA)} cascade`.execute(db);
}
