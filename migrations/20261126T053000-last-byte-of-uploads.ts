import { type Kysely, sql } from 'kysely';

/** A release waits for what nobody sends from the time on at which its last byte has arrived. */
export async function up(db: Kysely<unknown>): Promise<void> {
	await sql`alter table uploads add column last_byte_at timestamptz not null default now()`.execute(
		db
	);
}
