import { type Kysely, sql } from 'kysely';

/**
 * A smaller file of the same music beside one that is streamed, for who wants to use little data. The
 * version before knows nothing of it: what it removes of `audio_files` takes the row here with it,
 * and the row is made anew.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
	await sql`
		create table smaller_files (
			of_file_id text primary key references audio_files (file_id) on delete cascade,
			file_id text references audio_files (file_id) on delete cascade,
			attempts smallint not null default 0,
			tried_at timestamptz not null default now(),
			check (file_id <> of_file_id)
		)`.execute(db);
	await sql`
		create index smaller_files_file on smaller_files (file_id) where file_id is not null
	`.execute(db);
}
