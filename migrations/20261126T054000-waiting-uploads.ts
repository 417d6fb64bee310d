import { type Kysely, sql } from 'kysely';

/**
 * What waits is looked for every few seconds by its reason, and drafts may lie for months: the index
 * says all that has to be known of those. Made in well under a second of a few hundred thousand
 * uploads, and the version before does not mind it.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
	await sql`
		create index uploads_waiting on uploads (error_code, release_id, id) where status = 'waiting'
	`.execute(db);
}
