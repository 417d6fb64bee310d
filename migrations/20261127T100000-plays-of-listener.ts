import { type Kysely, sql } from 'kysely';

/** Whether a listener was listening to something else at a time. */
export async function up(db: Kysely<unknown>): Promise<void> {
	await sql`create index plays_of_listener on plays (listener_key, played_at)`.execute(db);
}
