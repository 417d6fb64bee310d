import { sql } from 'kysely';
import type { Db } from '#lib/server/db/connect.ts';

/** Sorts behind everything that may follow in a text. */
const LAST = '\u{10ffff}';

/**
 * The tags of public tracks that begin with a text, the most used first; the query itself, so that a
 * test can ask the database how it would be carried out.
 */
export const tagsBeginningWith = (db: Db, text: string, limit: number) =>
	db
		.selectFrom('track_tags')
		.innerJoin('tracks', 'tracks.id', 'track_tags.track_id')
		.select((eb) => ['track_tags.tag', eb.fn.countAll().as('uses')])
		// as the index is sorted: `like` would not use it once the statement is prepared for any text
		.where(sql<boolean>`track_tags.tag ~>=~ ${text} and track_tags.tag ~<~ ${text + LAST}`)
		.where('tracks.visibility', '=', sql.lit('public'))
		.groupBy('track_tags.tag')
		.orderBy('uses', 'desc')
		.orderBy('track_tags.tag')
		.limit(limit);
