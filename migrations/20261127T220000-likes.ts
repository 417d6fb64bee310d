import { type Kysely, sql } from 'kysely';

/**
 * Likes as the repositories of their givers have them, counted on their track; records beyond the first
 * of the same person for the same track; what is being written and has to agree in the end; and everybody
 * we show who need not be an artist. The version before knows nothing of it: what it deletes of `tracks`
 * takes the likes along.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
	await sql`alter table tracks add column like_count integer not null default 0`.execute(db);
	await sql`
		create table likes (
			id bigint generated always as identity primary key,
			did text not null,
			rkey text not null,
			record_uri text not null unique,
			record_cid text not null,
			record_rev text,
			track_id bigint not null references tracks (id) on delete cascade,
			subject_uri text not null,
			subject_cid text not null,
			created_at timestamptz not null default now(),
			indexed_at timestamptz not null default now()
		)`.execute(db);
	await sql`
		create unique index likes_once on likes (did, track_id) include (record_cid)`.execute(db);
	await sql`create index likes_of_person on likes (did, created_at desc, id desc)`.execute(db);
	await sql`create index likes_of_track on likes (track_id, created_at desc, id desc)`.execute(db);
	await sql`
		create table like_duplicates (
			record_uri text primary key,
			did text not null,
			rkey text not null,
			record_cid text not null,
			record_rev text,
			track_id bigint not null references tracks (id) on delete cascade,
			subject_uri text not null,
			subject_cid text not null,
			created_at timestamptz not null
		)`.execute(db);
	await sql`
		create index like_duplicates_of on like_duplicates (track_id, did, created_at)`.execute(db);
	await sql`
		create table like_writes (
			did text not null,
			subject_uri text not null,
			aim text not null check (aim in ('follow', 'erase')),
			rkey text,
			started_at timestamptz not null default now(),
			primary key (did, subject_uri)
		)`.execute(db);
	await sql`create index like_writes_oldest on like_writes (started_at)`.execute(db);
	await sql`
		create table people (
			did text primary key,
			handle text,
			display_name text,
			avatar_image_id text references images (image_id),
			resolved_at timestamptz,
			wanted_at timestamptz default now()
		)`.execute(db);
	await sql`
		create index people_wanted on people (wanted_at) where wanted_at is not null`.execute(db);
	await sql`
		create index people_avatar on people (avatar_image_id) where avatar_image_id is not null
	`.execute(db);
}
