import { type Kysely, sql } from 'kysely';

/**
 * Every play that was counted, and when; `tracks.play_count` is their sum. The version before knows
 * nothing of it: it deletes tracks, and their plays go with them. The key answers when a listener
 * played a track last, the index what happened to a track in a stretch of time.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
	await sql`
		create table plays (
			track_id bigint not null references tracks (id) on delete cascade,
			listener_key bytea not null,
			played_at timestamptz not null,
			primary key (track_id, listener_key, played_at)
		)`.execute(db);
	await sql`create index plays_of_track on plays (track_id, played_at)`.execute(db);
}
