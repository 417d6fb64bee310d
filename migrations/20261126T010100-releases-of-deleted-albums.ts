import { type Kysely, sql } from 'kysely';

/** A release whose album was deleted knows it: what is still on its way must not bring it back. */
export async function up(db: Kysely<unknown>): Promise<void> {
	await sql`
		alter table releases
			add column album_deletion text check (album_deletion in ('keep_tracks', 'with_tracks'))
	`.execute(db);
	await sql`
		update releases set album_deletion = albums.deletion
		from albums where albums.id = releases.album_id and albums.deletion is not null
	`.execute(db);
	await sql`create index releases_of_album on releases (album_id) where album_id is not null`.execute(
		db
	);
}
