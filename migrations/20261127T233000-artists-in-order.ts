import { type Kysely, sql } from 'kysely';

/**
 * Artists in the order a sitemap has them, which does not depend on the database's language: a part of
 * it begins anywhere, and is read from there.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
	await sql`create index artists_in_order on artists (did collate "C")`.execute(db);
}
