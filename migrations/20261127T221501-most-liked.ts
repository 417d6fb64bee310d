import { type Kysely, sql } from 'kysely';

/** Which track of an artist is liked most; what nobody likes is not among them. */
export async function up(db: Kysely<unknown>): Promise<void> {
	await sql`create index tracks_most_liked on tracks (artist_did, like_count desc, id desc)
		where visibility = 'public' and like_count > 0`.execute(db);
}
