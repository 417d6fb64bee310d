import { type Kysely, sql } from 'kysely';

/** Who needs stored objects to stay for a while, though nothing refers to them any more: a backup. */
export async function up(db: Kysely<unknown>): Promise<void> {
	await sql`
		create table object_holds (
			id uuid primary key,
			begun_at timestamptz not null default now(),
			expires_at timestamptz not null
		)`.execute(db);
}
