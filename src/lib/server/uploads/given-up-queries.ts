import { type ExpressionBuilder, sql } from 'kysely';
import type { Db } from '#lib/server/db/connect.ts';
import type { Database } from '#lib/server/db/schema.ts';
import { announce } from '#lib/server/events/hub.ts';
import { GIVEN_UP_KEPT_DAYS, NOT_RECEIVED } from '#lib/uploads/upload.ts';
import type { UploadRow } from './queries.ts';

const isGivenUp = (eb: ExpressionBuilder<Database, 'uploads'>) =>
	eb.and([eb('status', '=', 'receiving'), eb('error_code', '=', NOT_RECEIVED)]);

/** Nobody has changed anything about it since, nor sent it again. */
const isForgotten = (eb: ExpressionBuilder<Database, 'uploads'>) =>
	eb.and([
		isGivenUp(eb),
		eb('updated_at', '<', sql<Date>`now() - make_interval(days => ${GIVEN_UP_KEPT_DAYS})`)
	]);

/** How many of an artist's files wait to be chosen again. */
export async function countGivenUp(trx: Db, artistDid: string): Promise<number> {
	const { count } = await trx
		.selectFrom('uploads')
		.select((eb) => eb.fn.countAll<number>().as('count'))
		.where('artist_did', '=', artistDid)
		.where(isGivenUp)
		.executeTakeFirstOrThrow();
	return count;
}

/** Files that have waited to be chosen again for longer than they are kept. */
export async function listForgotten(db: Db, limit: number): Promise<{ id: string }[]> {
	return await db.selectFrom('uploads').select('id').where(isForgotten).limit(limit).execute();
}

/** Removes such a file; false when somebody has come back to it in this moment. */
export async function deleteForgotten(db: Db, id: string): Promise<boolean> {
	const removed = await db
		.deleteFrom('uploads')
		.where('id', '=', id)
		.where(isForgotten)
		.returning('artist_did')
		.executeTakeFirst();
	if (removed) await announce(db, { topic: 'upload', id, did: removed.artist_did });
	return removed !== undefined;
}

/** The upload of an artist's that took the place of another one. */
export async function findSuccessor(
	trx: Db,
	artistDid: string,
	earlierId: string
): Promise<UploadRow | undefined> {
	return await trx
		.selectFrom('uploads')
		.selectAll()
		.where('in_place_of', '=', earlierId)
		.where('artist_did', '=', artistDid)
		.executeTakeFirst();
}
