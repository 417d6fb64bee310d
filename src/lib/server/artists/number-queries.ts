import { sql } from 'kysely';
import { builtOnce } from '#lib/server/db/built-once.ts';
import type { Db } from '#lib/server/db/connect.ts';

/** A track of an artist's before which no other one is. */
export interface TopRow {
	id: number;
	title: string;
	/** plays or likes */
	count: number;
}

/** The kept numbers of an artist, and their tracks that are played and liked most, in one row. */
export interface NumbersRow {
	track_count: number;
	play_count: number;
	most_played: TopRow | null;
	most_liked: TopRow | null;
}

export async function findNumbers(db: Db, did: string): Promise<NumbersRow> {
	const [row] = await readNumbers(db, did);
	return row ?? { track_count: 0, play_count: 0, most_played: null, most_liked: null };
}

/** The query itself, so that a test can ask the database how it would be carried out. */
export const artistNumbers = (db: Db, did: string) =>
	db
		.selectFrom('artist_numbers as kept')
		.where('kept.did', '=', did)
		.select([
			'kept.track_count',
			'kept.play_count',
			// as the indexes have it: parameters would not be seen to fit
			sql<TopRow | null>`(
				select json_build_object('id', id, 'title', title, 'count', play_count) from tracks
				where artist_did = kept.did and visibility = 'public'
				order by play_count desc, id desc limit 1)`.as('most_played'),
			sql<TopRow | null>`(
				select json_build_object('id', id, 'title', title, 'count', like_count) from tracks
				where artist_did = kept.did and visibility = 'public' and like_count > 0
				order by like_count desc, id desc limit 1)`.as('most_liked')
		]);

const readNumbers = builtOnce(artistNumbers);
