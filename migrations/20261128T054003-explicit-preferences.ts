import { type Kysely, sql } from 'kysely';

/** Whether the artwork of explicit tracks is shown as it is, and whether they are passed over. */
export async function up(db: Kysely<unknown>): Promise<void> {
	await sql`
		alter table preferences
			add column show_explicit_artwork boolean not null default false,
			add column skip_explicit boolean not null default false`.execute(db);
}
