import { type Kysely, sql } from 'kysely';

/** What nothing refers to any more, from the decision to delete it until nobody can mistake its key. */
export async function up(db: Kysely<unknown>): Promise<void> {
	await sql`
		create table released_objects (
			storage_key text primary key,
			who text not null,
			why text not null,
			released_at timestamptz not null default now(),
			deleted_at timestamptz
		)`.execute(db);
	await sql`create index released_objects_waiting on released_objects (released_at)
		where deleted_at is null`.execute(db);
	// a picture is given before whatever refers to it
	await sql`alter table images add column offered_at timestamptz not null default now()`.execute(
		db
	);
	// what the reference check asks of uploads
	await sql`create index uploads_referring on uploads (status) where status <> 'completed'`.execute(
		db
	);
}
