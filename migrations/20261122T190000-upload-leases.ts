import { type Kysely, sql } from 'kysely';

/** Who is writing the bytes of an upload right now: one request of one process at a time. */
export async function up(db: Kysely<unknown>): Promise<void> {
	await sql`
		create table upload_leases (
			upload_id uuid primary key references uploads (id) on delete cascade,
			artist_did text not null,
			holder uuid not null,
			wanted boolean not null default false,
			expires_at timestamptz not null
		)`.execute(db);
	await sql`create index upload_leases_of_artist on upload_leases (artist_did)`.execute(db);
}
