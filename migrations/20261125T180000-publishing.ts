import { type Kysely, sql } from 'kysely';

/**
 * Releases, albums as records, edits, revisions and deletions. Everything added may be absent for
 * the version before this one, which goes on working beside it.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
	await pictures(db);
	await tracks(db);
	await albums(db);
	await releases(db);
	await catalogue(db);
}

/** What is shown while a picture loads, and the files it is kept in. */
async function pictures(db: Kysely<unknown>): Promise<void> {
	await sql`
		alter table images
			add column placeholder text,
			add column dominant_color text`.execute(db);
}

async function tracks(db: Kysely<unknown>): Promise<void> {
	// what the file says about itself: read again from the file whenever it is lost
	await sql`alter table audio_files add column tags jsonb`.execute(db);
	await sql`
		alter table tracks
			add column visibility text not null default 'public'
				check (visibility in ('public', 'unlisted', 'deleting')),
			add column is_explicit boolean not null default false`.execute(db);
	await sql`create index tracks_newest_public on tracks (created_at desc, id desc)
		where visibility = 'public'`.execute(db);
	await sql`create index tracks_of_artist_public on tracks (artist_did, created_at desc, id desc)
		where visibility = 'public'`.execute(db);

	await sql`
		create table track_tags (
			track_id bigint not null references tracks (id) on delete cascade,
			tag text not null check (tag <> ''),
			primary key (track_id, tag)
		)`.execute(db);
	await sql`create index track_tags_tag on track_tags (tag text_pattern_ops, track_id)`.execute(db);

	// files a track had before, each of which can be restored
	await sql`
		create table track_revisions (
			id bigint generated always as identity primary key,
			track_id bigint not null references tracks (id) on delete cascade,
			file_id text not null references audio_files (file_id),
			original_file_id text not null references audio_files (file_id),
			duration_ms integer,
			replaced_at timestamptz not null default now()
		)`.execute(db);
	await sql`create index track_revisions_track on track_revisions (track_id, id desc)`.execute(db);
	await sql`create index track_revisions_file on track_revisions (file_id)`.execute(db);
	await sql`create index track_revisions_original on track_revisions (original_file_id)`.execute(
		db
	);

	// the address of a removed track says so instead of pretending it never was
	await sql`alter table record_tombstones add column track_id bigint`.execute(db);
	await sql`create index record_tombstones_track on record_tombstones (track_id)
		where track_id is not null`.execute(db);
}

async function albums(db: Kysely<unknown>): Promise<void> {
	await sql`
		alter table albums
			add column rkey text,
			add column record_uri text unique,
			add column record_cid text,
			add column record_rev text,
			add column description text,
			add column year integer`.execute(db);
	await sql`create index albums_image on albums (image_id)`.execute(db);
	await sql`create index artists_avatar on artists (avatar_image_id)`.execute(db);

	// addresses an album had before
	await sql`
		create table album_slugs (
			artist_did text not null references artists (did),
			slug text not null check (slug <> ''),
			album_id uuid not null references albums (id) on delete cascade,
			primary key (artist_did, slug)
		)`.execute(db);
	await sql`create index album_slugs_album on album_slugs (album_id)`.execute(db);

	// what the album's record lists; a track may be indexed before or after it
	await sql`
		create table album_items (
			album_id uuid not null references albums (id) on delete cascade,
			position integer not null,
			subject_uri text not null,
			primary key (album_id, position)
		)`.execute(db);
	await sql`create index album_items_subject on album_items (subject_uri)`.execute(db);
}

/** Tracks published together: a single or an album, edited before anything is published. */
async function releases(db: Kysely<unknown>): Promise<void> {
	await sql`
		create table releases (
			id uuid primary key,
			artist_did text not null,
			status text not null default 'draft' check (status in ('draft', 'published')),
			fields jsonb not null default '{}',
			album_id uuid references albums (id) on delete set null,
			rights_confirmed_at timestamptz,
			release_at timestamptz,
			created_at timestamptz not null default now(),
			updated_at timestamptz not null default now(),
			published_at timestamptz
		)`.execute(db);
	await sql`create index releases_of_artist on releases (artist_did, created_at desc)`.execute(db);
	await sql`
		alter table uploads
			add column release_id uuid references releases (id) on delete set null,
			add column release_position integer,
			add column replaces_track_id bigint references tracks (id) on delete cascade,
			add column rights_confirmed_at timestamptz`.execute(db);
	await sql`create index uploads_of_release on uploads (release_id, release_position)`.execute(db);
	await sql`create index uploads_replacing on uploads (replaces_track_id)
		where replaces_track_id is not null`.execute(db);
	await sql`create index uploads_hash on uploads (artist_did, sha256)`.execute(db);
}

async function catalogue(db: Kysely<unknown>): Promise<void> {
	// what the last check found; nothing is known of what is not here
	await sql`
		create table track_problems (
			track_id bigint not null references tracks (id) on delete cascade,
			kind text not null,
			detail jsonb not null default '{}',
			found_at timestamptz not null default now(),
			primary key (track_id, kind)
		)`.execute(db);
	await sql`
		create table catalogue_checks (
			artist_did text primary key,
			report jsonb not null,
			checked_at timestamptz not null default now()
		)`.execute(db);

	// how often somebody did something, in windows of time: shared by all processes
	await sql`
		create table rate_windows (
			key text not null,
			window_start timestamptz not null,
			amount bigint not null default 0,
			primary key (key, window_start)
		)`.execute(db);
	await sql`create index rate_windows_age on rate_windows (window_start)`.execute(db);
}
