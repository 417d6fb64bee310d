import { type Kysely, sql } from 'kysely';

/**
 * An upload knows in the place of which one it came, so that a repeated request finds it, and when
 * it began anew, so that this counts as sent. The version before leaves both empty.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
	await sql`
		alter table uploads add column in_place_of uuid, add column begun_again_at timestamptz
	`.execute(db);
	await sql`
		create unique index uploads_in_place_of on uploads (in_place_of) where in_place_of is not null
	`.execute(db);
	await sql`
		create index uploads_begun_again on uploads (artist_did, begun_again_at)
			where begun_again_at is not null
	`.execute(db);
	await sql`
		create index uploads_given_up on uploads (artist_did, updated_at)
			where status = 'receiving' and error_code = 'not_received'
	`.execute(db);
}
