import { type Kysely, sql } from 'kysely';

/** What was liked last, as we learnt of it: what a record says of its own time is for its writer to choose. */
export async function up(db: Kysely<unknown>): Promise<void> {
	await sql`create index likes_lately on likes (indexed_at desc) include (track_id)`.execute(db);
}
