import { type Kysely, sql } from 'kysely';

/** Fills in the albums that are there; one that is measured meanwhile is right already. */
export async function up(db: Kysely<unknown>): Promise<void> {
	await sql`
		insert into album_loudness (album_id, loudness_lufs, true_peak_dbtp)
		select album_id, loudness_lufs, true_peak_dbtp from measured_album_loudness
		on conflict do nothing`.execute(db);
	await sql`analyze album_loudness`.execute(db);
}
