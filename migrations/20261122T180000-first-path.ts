import { type Kysely, sql } from 'kysely';

/** Artists, audio, tracks, uploads and sign-in: the first complete path through the product. */
export async function up(db: Kysely<unknown>): Promise<void> {
	await sql`
		create table artists (
			did text primary key,
			handle text not null,
			display_name text not null,
			bio text,
			avatar_image_id text,
			pds_url text,
			created_at timestamptz not null default now(),
			updated_at timestamptz not null default now()
		)`.execute(db);
	await sql`create index artists_handle on artists (handle)`.execute(db);

	await sql`
		create table images (
			image_id text primary key,
			sha256 text not null unique,
			renditions jsonb not null,
			width_px integer not null,
			height_px integer not null,
			created_at timestamptz not null default now()
		)`.execute(db);
	await sql`
		alter table artists add constraint artists_avatar_image
		foreign key (avatar_image_id) references images (image_id)`.execute(db);

	await sql`
		create table audio_files (
			file_id text primary key,
			sha256 text not null unique,
			storage_key text not null unique,
			file_type text not null,
			content_type text not null,
			size_bytes bigint not null check (size_bytes > 0),
			codec text,
			sample_rate_hz integer,
			channels integer,
			bit_rate_bps integer,
			duration_ms integer,
			loudness_lufs real,
			true_peak_dbtp real,
			peaks bytea,
			created_at timestamptz not null default now(),
			check (file_id = left(sha256, 16))
		)`.execute(db);

	await sql`
		create table albums (
			id uuid primary key default gen_random_uuid(),
			artist_did text not null references artists (did),
			slug text not null check (slug <> ''),
			title text not null,
			image_id text references images (image_id),
			created_at timestamptz not null default now(),
			updated_at timestamptz not null default now(),
			constraint uq_albums_artist_slug unique (artist_did, slug)
		)`.execute(db);

	await sql`
		create table tracks (
			id bigint generated always as identity primary key,
			artist_did text not null references artists (did),
			rkey text not null,
			record_uri text not null unique,
			record_cid text not null,
			record_rev text,
			title text not null,
			description text,
			album_id uuid references albums (id),
			album_position integer,
			features jsonb not null default '[]',
			file_id text not null references audio_files (file_id),
			original_file_id text not null references audio_files (file_id),
			duration_ms integer,
			image_id text references images (image_id),
			play_count bigint not null default 0,
			created_at timestamptz not null,
			indexed_at timestamptz not null default now(),
			constraint uq_tracks_artist_original unique (artist_did, original_file_id)
		)`.execute(db);
	await sql`create index tracks_newest on tracks (created_at desc, id desc)`.execute(db);
	await sql`create index tracks_of_artist on tracks (artist_did, created_at desc, id desc)`.execute(
		db
	);
	await sql`create index tracks_of_album on tracks (album_id, album_position)`.execute(db);
	// what a deletion asks before an object may go
	await sql`create index tracks_file on tracks (file_id)`.execute(db);
	await sql`create index tracks_original_file on tracks (original_file_id)`.execute(db);
	await sql`create index tracks_image on tracks (image_id)`.execute(db);

	await sql`
		create table record_tombstones (
			record_uri text primary key,
			rev text,
			deleted_at timestamptz not null default now()
		)`.execute(db);

	await sql`
		create table uploads (
			id uuid primary key,
			artist_did text not null,
			rkey text not null,
			status text not null check (status in
				('receiving', 'pending', 'processing', 'waiting', 'completed', 'failed')),
			stage text not null check (stage in
				('receiving', 'received', 'inspected', 'transcoded', 'stored', 'published', 'indexed')),
			message text not null,
			error_code text,
			error text,
			progress_pct real,
			file_name text not null,
			fields jsonb not null default '{}',
			findings jsonb not null default '{}',
			size_bytes bigint,
			received_bytes bigint not null default 0,
			sha256 text,
			track_id bigint references tracks (id) on delete set null,
			idempotency_key text,
			version bigint not null default 1,
			heartbeat_at timestamptz,
			expires_at timestamptz,
			created_at timestamptz not null default now(),
			updated_at timestamptz not null default now(),
			completed_at timestamptz,
			constraint uq_uploads_record unique (artist_did, rkey),
			constraint uq_uploads_idempotency unique (artist_did, idempotency_key)
		)`.execute(db);
	await sql`create index uploads_of_artist on uploads (artist_did, created_at desc)`.execute(db);
	await sql`create index uploads_expiring on uploads (expires_at) where status = 'receiving'`.execute(
		db
	);
	await sql`create index uploads_unfinished on uploads (status, heartbeat_at)
		where status in ('pending', 'processing', 'waiting')`.execute(db);

	await sql`
		create table sessions (
			id_hash text primary key,
			did text not null,
			created_at timestamptz not null default now(),
			expires_at timestamptz not null
		)`.execute(db);
	await sql`create index sessions_did on sessions (did)`.execute(db);
	await sql`create index sessions_expiring on sessions (expires_at)`.execute(db);

	await sql`
		create table exchange_tokens (
			token_hash text primary key,
			did text not null,
			created_at timestamptz not null default now(),
			expires_at timestamptz not null,
			used_at timestamptz
		)`.execute(db);

	await sql`
		create table oauth_sessions (
			did text primary key,
			ciphertext bytea not null,
			updated_at timestamptz not null default now()
		)`.execute(db);
	await sql`
		create table oauth_states (
			state text primary key,
			ciphertext bytea not null,
			created_at timestamptz not null default now()
		)`.execute(db);
	await sql`create index oauth_states_age on oauth_states (created_at)`.execute(db);
}
