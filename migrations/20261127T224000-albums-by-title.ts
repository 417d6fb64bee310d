import { type Kysely, sql } from 'kysely';

/** Everybody's albums by title, a page at a time. */
export async function up(db: Kysely<unknown>): Promise<void> {
	await sql`
		create index albums_by_title on albums (lower(title), id) where deletion is null`.execute(db);
}
