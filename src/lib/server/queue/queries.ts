import { sql } from 'kysely';
import type { QueueStateJson } from '#lib/queue/queue-json.ts';
import type { Db } from '#lib/server/db/connect.ts';
import type { Playhead } from '#lib/server/db/schema.ts';

export interface StoredQueue {
	state: QueueStateJson;
	revision: number;
	recent_pushes: string[];
	playhead: Playhead | null;
}

/** Writes are remembered by their ids for as many further ones. */
const RECENT_PUSHES = 50;

export async function findQueue(db: Db, did: string): Promise<StoredQueue | undefined> {
	return await db
		.selectFrom('queues')
		.select(['state', 'revision', 'recent_pushes', 'playhead'])
		.where('did', '=', did)
		.executeTakeFirst();
}

/**
 * Writes somebody's queue if it is still at the revision it was made from; null: whatever is there.
 * Compares and counts in one statement, so that of two writers one is refused.
 * @returns whether it was written
 */
export async function writeQueue(
	db: Db,
	write: { did: string; state: QueueStateJson; pushId: string; revision: number | null }
): Promise<boolean> {
	const { did, pushId, revision } = write;
	const { rows } = await sql`
		insert into queues (did, state, revision, recent_pushes)
		select ${did}, ${JSON.stringify(write.state)}::text::jsonb, 1, array[${pushId}::text]
		where coalesce(${revision}::bigint, 0) = 0 or exists (select 1 from queues where did = ${did})
		on conflict (did) do update set
			state = excluded.state,
			revision = queues.revision + 1,
			recent_pushes = (excluded.recent_pushes || queues.recent_pushes)[1:${sql.lit(RECENT_PUSHES)}],
			updated_at = now()
		where (${revision}::bigint is null or queues.revision = ${revision}::bigint)
			and not queues.recent_pushes @> excluded.recent_pushes
		returning 1`.execute(db);
	return rows.length > 0;
}

/** How far a queue is. */
export interface QueueMark extends Pick<StoredQueue, 'revision' | 'playhead'> {
	/** id of the last write */
	lastPush: string | null;
}

/** What tells whether there is news of somebody's queue, without the queue itself: it may be large. */
export async function findQueueMark(db: Db, did: string): Promise<QueueMark | undefined> {
	return await db
		.selectFrom('queues')
		.select(['revision', 'playhead', sql<string | null>`recent_pushes[1]`.as('lastPush')])
		.where('did', '=', did)
		.executeTakeFirst();
}

/** Says where playback is; nothing without a queue. @returns whether there is one */
export async function writePlayhead(db: Db, did: string, playhead: Playhead): Promise<boolean> {
	const { numUpdatedRows } = await db
		.updateTable('queues')
		.set({ playhead: JSON.stringify(playhead) })
		.where('did', '=', did)
		.executeTakeFirst();
	return numUpdatedRows > 0n;
}
