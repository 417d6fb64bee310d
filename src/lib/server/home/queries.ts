import { sql } from 'kysely';
import type { Db } from '#lib/server/db/connect.ts';

/** How far back one looks for artists: so many of the newest tracks. */
const NEWEST_TRACKS = 100;

/** An artist who has published something lately. */
export interface ActiveArtistRow {
	did: string;
	handle: string;
	display_name: string;
	avatar_image_id: string | null;
}

/** Who published lately, the latest first; the query itself, so that a test can ask how it is carried out. */
export const activeArtists = (db: Db, limit: number) =>
	db
		.with('newest', (cte) =>
			cte
				.selectFrom('tracks')
				.select(['artist_did', 'created_at', 'id'])
				// as the index has it
				.where('visibility', '=', sql.lit('public'))
				.orderBy('created_at', 'desc')
				.orderBy('id', 'desc')
				.limit(NEWEST_TRACKS)
		)
		.with('latest', (cte) =>
			cte
				.selectFrom('newest')
				.select(['artist_did', sql<Date>`max(created_at)`.as('published_at')])
				.groupBy('artist_did')
				.orderBy('published_at', 'desc')
				.limit(limit)
		)
		.selectFrom('latest')
		.innerJoin('artists', 'artists.did', 'latest.artist_did')
		.select(['artists.did', 'artists.handle', 'artists.display_name', 'artists.avatar_image_id'])
		.orderBy('latest.published_at', 'desc')
		.orderBy('artists.did');
