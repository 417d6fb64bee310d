import { sql, type Transaction } from 'kysely';
import type { Database } from '#lib/server/db/schema.ts';

/** So long, by the clock, a play that was counted took at least, a short one less: half a minute at twice the speed. */
const LEAST_SECONDS = 14;

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
	/** so long, by the clock, it took to listen: nothing else was heard by the same listener meanwhile */
	tookSeconds: number;
}

/** Makes whoever counts another play of the same listener wait until this transaction ends. */
export async function lockListener(trx: Transaction<Database>, listenerKey: Buffer): Promise<void> {
	const name = `listener:${listenerKey.toString('base64')}`;
	await sql`select pg_advisory_xact_lock(hashtextextended(${name}, 0))`.execute(trx);
}

/**
 * Since when somebody has been listening here: their first play that counted, or the oldest of their
 * sessions.
 * @param did null: they are not signed in
 * @returns null: nobody knows
 */
export async function listenerSince(
	trx: Transaction<Database>,
	listenerKey: Buffer,
	did: string | null
): Promise<Date | null> {
	const { rows } = await sql<{ since: Date | null }>`
		select least(
			(select min(played_at) from plays where listener_key = ${listenerKey}),
			(select min(created_at) from sessions where did = ${did})
		) as since`.execute(trx);
	return rows[0]?.since ?? null;
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
		.where('visibility', 'in', ['public', 'unlisted'])
		.forNoKeyUpdate()
		.executeTakeFirst();
	return row?.play_count;
}

/**
 * Counts a play, unless the same listener's one of the track before it, or after it, is too near, or they
 * were listening to something else at that time. Call `lockListener` and `lockPlayCount` first: this
 * statement then begins after everybody else's has ended and sees what they did.
 * @returns the new count; undefined: it was not counted
 */
export async function addPlay(
	trx: Transaction<Database>,
	{ trackId, listenerKey, playedSeconds, apartSeconds, ageSeconds, fastest, tookSeconds }: NewPlay
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
			and played_at >= (select least(created_at, clock_timestamp()) from tracks where id = ${trackId})
			and not exists (
				select 1 from plays
				where plays.listener_key = ${listenerKey} and plays.track_id <> ${trackId}
					and plays.played_at > near.played_at - make_interval(secs => ${tookSeconds}::float8)
					and plays.played_at < near.played_at + make_interval(secs => least(${tookSeconds}, ${LEAST_SECONDS})::float8)
			)
			returning 1
		)
		update tracks set play_count = play_count + 1
		where id = ${trackId} and exists (select 1 from added)
		returning play_count`.execute(trx);
	return rows[0]?.play_count;
}
