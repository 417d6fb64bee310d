import { sql } from 'kysely';
import type { Db } from '#lib/server/db/connect.ts';

/** How much is kept. It reads all rows about files: not to be asked for each visitor. */
export async function sumStored(db: Db) {
	const { rows } = await sql<{
		audio_bytes: number;
		audio_files: number;
		pictures: number;
	}>`
		select
			(select coalesce(sum(size_bytes), 0)::bigint from audio_files) as audio_bytes,
			(select count(*) from audio_files) as audio_files,
			(select count(*) from images) as pictures`.execute(db);
	const [row] = rows;
	if (!row) throw new Error('a sum has one row');
	return row;
}
