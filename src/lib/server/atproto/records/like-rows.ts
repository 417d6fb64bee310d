import { type Selectable, sql, type Transaction } from 'kysely';
import type { Database, LikeDuplicateTable } from '#lib/server/db/schema.ts';

type Trx = Transaction<Database>;

/** What is kept of a like record, wherever it is kept. */
export type LikeFacts = Omit<Selectable<LikeDuplicateTable>, 'record_rev'> & {
	record_rev: string | null;
};

/** A like record the index has. `id`: of the one that is counted; null: it is a further one. */
export interface KnownLike {
	id: number | null;
	did: string;
	record_uri: string;
	record_rev: string | null;
	track_id: number;
}

/** Makes events about one person's likes follow each other: the second waits for the first one's commit. */
export async function lockLikes(trx: Trx, did: string): Promise<void> {
	await sql`select pg_advisory_xact_lock(hashtextextended(${`likes:${did}`}, 0))`.execute(trx);
}

export async function findKnownLike(trx: Trx, uri: string): Promise<KnownLike | undefined> {
	const shown = ['did', 'record_uri', 'record_rev', 'track_id'] as const;
	const like = await trx
		.selectFrom('likes')
		.select(['id', ...shown])
		.where('record_uri', '=', uri)
		.executeTakeFirst();
	if (like) return like;
	const duplicate = await trx
		.selectFrom('like_duplicates')
		.select(shown)
		.where('record_uri', '=', uri)
		.executeTakeFirst();
	return duplicate && { id: null, ...duplicate };
}

/** Changes what is kept of a record; its track stays. */
export async function updateLike(trx: Trx, known: KnownLike, facts: LikeFacts): Promise<void> {
	if (known.id === null) {
		await trx
			.updateTable('like_duplicates')
			.set(facts)
			.where('record_uri', '=', known.record_uri)
			.execute();
		return;
	}
	await trx
		.updateTable('likes')
		.set({ ...facts, indexed_at: new Date() })
		.where('id', '=', known.id)
		.execute();
}

/** Keeps a new record and counts it, unless the person's like of the track is there already. */
export async function insertLike(trx: Trx, facts: LikeFacts): Promise<void> {
	const made = await trx
		.insertInto('likes')
		.values(facts)
		.onConflict((conflict) => conflict.columns(['did', 'track_id']).doNothing())
		.returning('id')
		.executeTakeFirst();
	if (made) await count(trx, facts.track_id, 1);
	else await trx.insertInto('like_duplicates').values(facts).execute();
}

/** Takes a record out; the oldest further one of the same person and track takes its place. */
export async function dropLike(trx: Trx, known: KnownLike): Promise<void> {
	if (known.id === null) {
		await trx.deleteFrom('like_duplicates').where('record_uri', '=', known.record_uri).execute();
		return;
	}
	await trx.deleteFrom('likes').where('id', '=', known.id).execute();
	const next = await trx
		.selectFrom('like_duplicates')
		.selectAll()
		.where('track_id', '=', known.track_id)
		.where('did', '=', known.did)
		.orderBy('created_at')
		.executeTakeFirst();
	if (!next) {
		await count(trx, known.track_id, -1);
		return;
	}
	await trx.deleteFrom('like_duplicates').where('record_uri', '=', next.record_uri).execute();
	await trx.insertInto('likes').values(next).execute();
}

/** In the transaction that makes it so. */
async function count(trx: Trx, trackId: number, by: 1 | -1): Promise<void> {
	await trx
		.updateTable('tracks')
		.set((eb) => ({ like_count: eb('like_count', '+', by) }))
		.where('id', '=', trackId)
		.execute();
}
