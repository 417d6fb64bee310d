import { type Kysely, sql } from 'kysely';

/**
 * When the album and the order of a release were taken from its files: from now on later than it is
 * published. Those that are published already have both.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
	await sql`alter table releases add column settled_at timestamptz`.execute(db);
	await sql`update releases set settled_at = published_at where status = 'published'`.execute(db);
}
