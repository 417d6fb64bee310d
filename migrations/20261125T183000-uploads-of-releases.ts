import { type Kysely, sql } from 'kysely';

/**
 * An upload without a release is published by itself: no upload may lose its release by accident,
 * so a release goes only after its uploads.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
	await sql`
		alter table uploads
			drop constraint uploads_release_id_fkey,
			add constraint uploads_release_id_fkey foreign key (release_id) references releases (id)
	`.execute(db);
}
