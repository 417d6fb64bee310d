import { type Kysely, sql } from 'kysely';

/** What is wrong with records nobody has indexed and with albums, how a check goes on, and repairs. */
export async function up(db: Kysely<unknown>): Promise<void> {
	await sql`
		alter table track_problems
			drop constraint track_problems_pkey,
			alter column track_id drop not null,
			add column id bigint generated always as identity primary key,
			add column artist_did text not null,
			add column subject_uri text not null,
			add column album_id uuid references albums (id) on delete cascade,
			add column repair text check (repair in ('wanted', 'failed')),
			add column choice text check (choice in ('record', 'ours')),
			add column error text,
			add constraint uq_track_problems unique (subject_uri, kind)`.execute(db);
	await sql`create index track_problems_of_artist on track_problems (artist_did, id)`.execute(db);
	await sql`create index track_problems_of_track on track_problems (track_id)`.execute(db);
	await sql`create index track_problems_of_album on track_problems (album_id)`.execute(db);

	await sql`
		alter table catalogue_checks
			alter column report drop not null,
			alter column checked_at drop not null,
			alter column checked_at drop default,
			add column requested_at timestamptz,
			add column covers_at timestamptz,
			add column started_at timestamptz,
			add column records_read integer not null default 0,
			add column tracks_read integer not null default 0,
			add column objects_read integer not null default 0,
			add column trouble text,
			add column waiting_since timestamptz`.execute(db);
	await sql`create index catalogue_checks_waiting on catalogue_checks (waiting_since)
		where waiting_since is not null`.execute(db);
}
