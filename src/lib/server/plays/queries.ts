import { sql, type Transaction } from 'kysely';
import type { Database } from '#lib/server/db/schema.ts';

export interface NewPlay {
	trackId: number;
	listenerKey: Buffer;
	/** what the listener says; null: they do not */
	playedSeconds: number | null;
	/** of two plays of the same listener the second one counts after this */
	apartSeconds: number;
	/** how long ago it was */
	ageSeconds: number;
	/** so much faster than the clock may be played */
	fastest: number;
}

/**
 * Makes whoever counts a play of the track wait until this transaction ends, and keeps the track
 * from being deleted meanwhile.
 * @returns its count; undefined: it is gone
 */
export async function lockPlayCount(
	trx: Transaction<Database>,
	trackId: number
): Promise<number | undefined> {
	const row = await trx
		.selectFrom('tracks')
		.select('play_count')
		.where('id', '=', trackId)
		.where('visibility', '!=', 'deleting')
		.forNoKeyUpdate()
		.executeTakeFirst();
	return row?.play_count;
}

/**
 * Counts a play, unless the same listener's one of the track before it, or after it, is too near. Call `lockPlayCount`
 * first: this statement then begins after everybody else's has ended and sees what they did.
 * @returns the new count; undefined: it was not counted
 */
export async function addPlay(
	trx: Transaction<Database>,
	{ trackId, listenerKey, playedSeconds, apartSeconds, ageSeconds, fastest }: NewPlay
): Promise<number | undefined> {
	const { rows } = await sql<{ play_count: number }>`
		with this as materialized (
			select clock_timestamp() - make_interval(secs => ${ageSeconds}::float8) as played_at
		), near as (
			select this.played_at, (
				select extract(epoch from this.played_at - max(plays.played_at))::float8 from plays
				where track_id = ${trackId} and listener_key = ${listenerKey}
					and plays.played_at <= this.played_at
			) as seconds_since, (
				select extract(epoch from min(plays.played_at) - this.played_at)::float8 from plays
				where track_id = ${trackId} and listener_key = ${listenerKey}
					and plays.played_at > this.played_at
			) as seconds_until
			from this
		), added as (
			insert into plays (track_id, listener_key, played_at)
			select ${trackId}::bigint, ${listenerKey}::bytea, played_at from near
			where (seconds_since is null or (
				seconds_since >= ${apartSeconds}::float8
				and coalesce(${playedSeconds}::float8, 0) <= seconds_since * ${fastest}::float8
			)) and (seconds_until is null or seconds_until >= ${apartSeconds}::float8)
			returning 1
		)
		update tracks set play_count = play_count + 1
		where id = ${trackId} and exists (select 1 from added)
		returning play_count`.execute(trx);
	return rows[0]?.play_count;
}
