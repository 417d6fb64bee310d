import { type Selectable, sql, type Transaction } from 'kysely';
import { lockLikes } from '#lib/server/atproto/records/like-rows.ts';
import type { Db } from '#lib/server/db/connect.ts';
import type { Database, LikeWriteTable } from '#lib/server/db/schema.ts';

export type LikeWrite = Selectable<LikeWriteTable>;
/** Whose like of which track's record. */
export type LikeKey = Pick<LikeWrite, 'did' | 'subject_uri'>;

/**
 * Says that a like is about to be written. The key of one under way is used again, so that two of the
 * same moment write one record; that of one being erased never is, or the new one were erased too.
 * @returns the key to write it under
 */
export async function beginLike(
	db: Db,
	{ did, subject_uri }: LikeKey,
	rkey: string
): Promise<string> {
	const row = await db
		.insertInto('like_writes')
		.values({ did, subject_uri, aim: 'follow', rkey })
		.onConflict((conflict) =>
			conflict.columns(['did', 'subject_uri']).doUpdateSet({
				aim: 'follow',
				rkey: sql`case like_writes.aim when 'follow' then coalesce(like_writes.rkey, excluded.rkey)
					else excluded.rkey end`,
				started_at: sql`now()`
			})
		)
		.returning('rkey')
		.executeTakeFirstOrThrow();
	return row.rkey ?? rkey;
}

/** Says what is to come of a write from now on, whatever it was before. */
export async function aimAt(
	db: Db,
	{ did, subject_uri }: LikeKey,
	{ aim, rkey }: Pick<LikeWrite, 'aim' | 'rkey'>
): Promise<void> {
	await db
		.insertInto('like_writes')
		.values({ did, subject_uri, aim, rkey })
		.onConflict((conflict) =>
			conflict.columns(['did', 'subject_uri']).doUpdateSet({ aim, rkey, started_at: sql`now()` })
		)
		.execute();
}

const selectWrite = (db: Db, { did, subject_uri }: LikeKey) =>
	db
		.selectFrom('like_writes')
		.selectAll()
		.where('did', '=', did)
		.where('subject_uri', '=', subject_uri);

export const findWrite = (db: Db, key: LikeKey): Promise<LikeWrite | undefined> =>
	selectWrite(db, key).executeTakeFirst();

/** Nobody else decides about this like, or begins one, until the transaction ends. */
export async function lockWrite(
	trx: Transaction<Database>,
	key: LikeKey
): Promise<LikeWrite | undefined> {
	// first, as everybody does it
	await lockLikes(trx, key.did);
	return await selectWrite(trx, key).forUpdate().executeTakeFirst();
}

/** Repository and index agree. */
export async function endWrite(db: Db, { did, subject_uri }: LikeKey): Promise<void> {
	await db
		.deleteFrom('like_writes')
		.where('did', '=', did)
		.where('subject_uri', '=', subject_uri)
		.execute();
}

/** What somebody's likes still need, or everybody's that has waited for so long. */
export async function findOldWrites(
	db: Db,
	{ did, olderThanMs }: { did?: string; olderThanMs: number }
): Promise<LikeKey[]> {
	let query = db
		.selectFrom('like_writes')
		.select(['did', 'subject_uri'])
		.where('started_at', '<', sql<Date>`now() - make_interval(secs => ${olderThanMs / 1000})`);
	if (did !== undefined) query = query.where('did', '=', did);
	return await query.orderBy('started_at').limit(200).execute();
}
