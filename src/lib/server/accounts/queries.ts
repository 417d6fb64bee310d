import { type RawBuilder, type Selectable, sql, type UpdateObject } from 'kysely';
import type { Db } from '#lib/server/db/connect.ts';
import type { AccountDeletionTable, Database } from '#lib/server/db/schema.ts';

export type DeletionRow = Selectable<AccountDeletionTable>;

/** @returns false: there is one */
export async function insertDeletion(
	db: Db,
	deletion: {
		did: string;
		handle: string;
		with_records: boolean;
		due_at: Date | RawBuilder<Date>;
	}
): Promise<boolean> {
	const made = await db
		.insertInto('account_deletions')
		.values(deletion)
		.onConflict((conflict) => conflict.doNothing())
		.returning('did')
		.executeTakeFirst();
	return made !== undefined;
}

export async function findDeletion(db: Db, did: string): Promise<DeletionRow | undefined> {
	return await db
		.selectFrom('account_deletions')
		.selectAll()
		.where('did', '=', did)
		.executeTakeFirst();
}

/** Takes one back that has not begun. @returns whether there was one */
export async function deleteWaiting(db: Db, did: string): Promise<boolean> {
	const deleted = await db
		.deleteFrom('account_deletions')
		.where('did', '=', did)
		.where('begun_at', 'is', null)
		.returning('did')
		.executeTakeFirst();
	return deleted !== undefined;
}

/** From now on there is no way back. @returns it, if it is due */
export async function beginDue(db: Db, did: string): Promise<DeletionRow | undefined> {
	return await db
		.updateTable('account_deletions')
		.set({ begun_at: sql<Date>`coalesce(begun_at, now())` })
		.where('did', '=', did)
		.where('due_at', '<=', sql<Date>`now()`)
		.returningAll()
		.executeTakeFirst();
}

export async function changeDeletion(
	db: Db,
	did: string,
	change: UpdateObject<Database, 'account_deletions'>
): Promise<void> {
	await db.updateTable('account_deletions').set(change).where('did', '=', did).execute();
}

export async function countRecord(db: Db, did: string): Promise<void> {
	await db
		.updateTable('account_deletions')
		.set((eb) => ({ records_deleted: eb('records_deleted', '+', 1) }))
		.where('did', '=', did)
		.execute();
}

/** What is kept of one whose records could not be deleted, and then forgotten. */
export async function forgetDeletion(db: Db, did: string): Promise<void> {
	await db.deleteFrom('account_deletions').where('did', '=', did).execute();
}

export async function forgetFinished(db: Db, before: Date): Promise<number> {
	const { numDeletedRows } = await db
		.deleteFrom('account_deletions')
		.where('finished_at', '<', before)
		.executeTakeFirst();
	return Number(numDeletedRows);
}

/** Deletions that are due, are not done, and have no job. */
export async function findForgotten(db: Db, queue: string, restMs: number): Promise<string[]> {
	const { rows } = await sql<{ did: string }>`
		select did from account_deletions deletion
		where due_at <= now() and finished_at is null
			and not exists (
				select 1 from pgboss.job
				where name = ${queue} and singleton_key = deletion.did and (
					state in ('active', 'retry') or state = 'created' and start_after <= now()
					or completed_on > now() - make_interval(secs => ${restMs / 1000})))
		limit 100`.execute(db);
	return rows.map(({ did }) => did);
}
