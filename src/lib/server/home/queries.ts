import { sql } from 'kysely';
import type { Db } from '#lib/server/db/connect.ts';

/** How far back one looks for artists: so many of the newest tracks. */
const NEWEST_TRACKS = 100;

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
				.limit(sql.lit(NEWEST_TRACKS))
		)
		.with('latest', (cte) =>
			cte
				.selectFrom('newest')
				.select(['artist_did', sql<Date>`max(created_at)`.as('published_at')])
				.groupBy('artist_did')
				.orderBy('published_at', 'desc')
				.limit(sql.lit(limit))
		)
		.selectFrom('latest')
		.innerJoin('artists', 'artists.did', 'latest.artist_did')
		.select(['artists.did', 'artists.handle', 'artists.display_name', 'artists.avatar_image_id'])
		.orderBy('latest.published_at', 'desc')
		.orderBy('artists.did');

/** How far back one looks for what is loved: so many of the newest likes. */
const NEWEST_LIKES = 2_000;

/**
 * The public tracks most people liked lately, the most first; of two, the one liked last. The query
 * itself, as above.
 */
export const lovedTracks = (db: Db, limit: number) =>
	db
		.with('lately', (cte) =>
			cte
				.selectFrom('likes')
				.select(['track_id', 'indexed_at'])
				.orderBy('indexed_at', 'desc')
				.limit(sql.lit(NEWEST_LIKES))
		)
		.with('counted', (cte) =>
			cte
				.selectFrom('lately')
				.select([
					'track_id',
					sql<number>`count(*)`.as('likes'),
					sql<Date>`max(indexed_at)`.as('liked_at')
				])
				.groupBy('track_id')
				.orderBy('likes', 'desc')
				.orderBy('liked_at', 'desc')
		)
		.selectFrom('counted')
		// one after the other until there are enough: all public tracks are many more
		.innerJoinLateral(
			(eb) =>
				eb
					.selectFrom('tracks')
					.whereRef('tracks.id', '=', 'counted.track_id')
					.where('tracks.visibility', '=', 'public')
					.select('tracks.id')
					.limit(sql.lit(1))
					.as('track'),
			(join) => join.onTrue()
		)
		.select('track.id')
		.orderBy('counted.likes', 'desc')
		.orderBy('counted.liked_at', 'desc')
		.limit(sql.lit(limit));
