import { sql, type Transaction } from 'kysely';
import type { Database } from '#lib/server/db/schema.ts';

/**
 * Makes events about one record follow each other, whether or not there is a row of it yet: the
 * second waits for the first one's commit.
 */
export async function lockRecord(trx: Transaction<Database>, uri: string): Promise<void> {
	await sql`select pg_advisory_xact_lock(hashtextextended(${uri}, 0))`.execute(trx);
}

/**
 * Whether a record was deleted after (or by) the revision an event about it came with. An event
 * without a revision was read from the repository just now: it is older than a deletion we know.
 */
export async function isBuried(
	trx: Transaction<Database>,
	uri: string,
	rev: string | null
): Promise<boolean> {
	const tombstone = await trx
		.selectFrom('record_tombstones')
		.select('rev')
		.where('record_uri', '=', uri)
		.executeTakeFirst();
	if (!tombstone) return false;
	if (rev === null || tombstone.rev === null || rev <= tombstone.rev) return true;
	// written again under the same key: the deletion is history
	await trx.deleteFrom('record_tombstones').where('record_uri', '=', uri).execute();
	return false;
}

/**
 * Remembers a deletion; of two, the later one.
 * @param trackId the track it was, whose address says so from now on
 */
export async function buryRecord(
	trx: Transaction<Database>,
	uri: string,
	rev: string | null,
	trackId?: number
): Promise<void> {
	await trx
		.insertInto('record_tombstones')
		.values({ record_uri: uri, rev, track_id: trackId })
		.onConflict((conflict) =>
			conflict.column('record_uri').doUpdateSet({
				rev: sql`greatest(record_tombstones.rev, excluded.rev)`,
				track_id: sql`coalesce(excluded.track_id, record_tombstones.track_id)`,
				deleted_at: new Date()
			})
		)
		.execute();
}
