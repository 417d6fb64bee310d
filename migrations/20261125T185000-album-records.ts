import { type Kysely, sql } from 'kysely';

/** What keeps an album and its record the same, and what a grant allows, readable beside it. */
export async function up(db: Kysely<unknown>): Promise<void> {
	await sql`alter table oauth_sessions add column scope text`.execute(db);

	// wanted > done: the record is not yet as it ought to be
	await sql`
		alter table albums
			add column sync_wanted bigint not null default 0,
			add column sync_done bigint not null default 0,
			add column waiting_code text,
			add column waiting_since timestamptz,
			add column kept_change jsonb,
			add column deletion text check (deletion in ('keep_tracks', 'with_tracks'))`.execute(db);
	await sql`create index albums_unfinished on albums (id) where sync_wanted > sync_done`.execute(
		db
	);

	// what the track's own record named last: only a new word moves a track by itself
	await sql`alter table tracks add column named_album text`.execute(db);
	await sql`
		update tracks set named_album = albums.title
		from albums where albums.id = tracks.album_id`.execute(db);
}
