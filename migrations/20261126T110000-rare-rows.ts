import { type Kysely, sql } from 'kysely';

/**
 * What is being deleted, and what waits for its artist, is looked for every few seconds, and is
 * rare: these find it among however many there are. The version before does not mind them.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
	await sql`
		create index tracks_deleting on tracks (artist_did, id) where visibility = 'deleting'
	`.execute(db);
	await sql`create index albums_deleting on albums (id) where deletion is not null`.execute(db);
	await sql`
		create index albums_waiting on albums (waiting_code, artist_did) where waiting_code is not null
	`.execute(db);
}
