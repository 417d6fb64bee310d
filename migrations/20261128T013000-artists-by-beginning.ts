import { type Kysely, sql } from 'kysely';

/** Artists whose handle, name, or a word of it begins with what somebody has typed. */
export async function up(db: Kysely<unknown>): Promise<void> {
	await sql`create index artists_handle_begins on artists (handle text_pattern_ops)`.execute(db);
	await sql`
		create index artists_name_words on artists using gin (display_name gin_trgm_ops)
		with (fastupdate = off)`.execute(db);
}
