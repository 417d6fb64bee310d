import { type Kysely, sql } from 'kysely';

/**
 * Statements of rights about files that are published again without being sent again. Those about
 * what is sent are kept with the upload.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
	await sql`
		create table rights_statements (
			artist_did text not null references artists (did),
			sha256 text not null,
			confirmed_at timestamptz not null default now(),
			primary key (artist_did, sha256)
		)`.execute(db);
}
