import { sql } from 'kysely';
import type { Db } from '#lib/server/db/connect.ts';
import type { KeysetPage } from '#lib/server/db/keyset.ts';

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

/**
 * The newest public tracks with a tag: `page.rows` rows, for `page.split`; the query itself, as
 * above.
 */
export const tracksWithTag = (db: Db, tag: string, { rows, after }: KeysetPage) =>
	db
		.selectFrom('track_tags')
		.innerJoin('tracks', 'tracks.id', 'track_tags.track_id')
		.select(['tracks.id', 'tracks.created_at'])
		.where('track_tags.tag', '=', tag)
		.where('tracks.visibility', '=', sql.lit('public'))
		.$if(after !== undefined, (query) =>
			query.where(
				sql<boolean>`(track_tags.track_created_at, track_tags.track_id)
					< (${after?.createdAt}, ${after?.id})`
			)
		)
		.orderBy('track_tags.track_created_at', 'desc')
		.orderBy('track_tags.track_id', 'desc')
		.limit(rows);
