import { sql } from 'kysely';
import type { Db } from '#lib/server/db/connect.ts';

/** The kept numbers of an artist, and their track that is played most, in one row. */
export interface NumbersRow {
	track_count: number;
	play_count: number;
	top_id: number | null;
	top_title: string | null;
	top_play_count: number | null;
}

export async function findNumbers(db: Db, did: string): Promise<NumbersRow> {
	const [row] = await artistNumbers(db, did).execute();
	return (
		row ?? { track_count: 0, play_count: 0, top_id: null, top_title: null, top_play_count: null }
	);
}

/** The query itself, so that a test can ask the database how it would be carried out. */
export const artistNumbers = (db: Db, did: string) =>
	db
		.selectFrom('artist_numbers as kept')
		.leftJoinLateral(
			(eb) =>
				eb
					.selectFrom('tracks')
					.select(['id', 'title', 'play_count'])
					.whereRef('tracks.artist_did', '=', 'kept.did')
					// as the index has it: a parameter would not be seen to fit
					.where('tracks.visibility', '=', sql.lit('public'))
					.orderBy('play_count', 'desc')
					.orderBy('id', 'desc')
					.limit(1)
					.as('top'),
			(join) => join.onTrue()
		)
		.where('kept.did', '=', did)
		.select([
			'kept.track_count',
			'kept.play_count',
			'top.id as top_id',
			'top.title as top_title',
			'top.play_count as top_play_count'
		]);
