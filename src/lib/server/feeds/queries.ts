import { type SelectQueryBuilder, sql } from 'kysely';
import type { Db } from '#lib/server/db/connect.ts';
import type { KeysetPage } from '#lib/server/db/keyset.ts';

/** A public track with everything a feed says about it, in one row. */
const selectItems = (db: Db) =>
	db
		.selectFrom('tracks')
		.innerJoin('artists as artist', 'artist.did', 'tracks.artist_did')
		.innerJoin('audio_files as audio', 'audio.file_id', 'tracks.file_id')
		.leftJoin('albums as album', 'album.id', 'tracks.album_id')
		// as the indexes have it: a parameter would not be seen to fit
		.where('tracks.visibility', '=', sql.lit('public'))
		.select([
			'tracks.id',
			'tracks.record_uri',
			'tracks.title',
			'tracks.description',
			'tracks.features',
			'tracks.file_id',
			'tracks.duration_ms',
			'tracks.image_id',
			'tracks.is_explicit',
			'tracks.created_at',
			'tracks.indexed_at',
			'artist.did as artist_did',
			'artist.handle as artist_handle',
			'artist.display_name as artist_name',
			'artist.avatar_image_id',
			'artist.updated_at as artist_updated_at',
			'audio.content_type',
			'audio.size_bytes',
			'album.title as album_title',
			'album.image_id as album_image_id',
			sql<string[]>`array(select tag from track_tags where track_id = tracks.id order by tag)`.as(
				'tags'
			)
		]);

type ItemSelect = ReturnType<typeof selectItems>;
export type FeedItemRow =
	ItemSelect extends SelectQueryBuilder<infer _DB, infer _TB, infer Row> ? Row : never;

/** Which tracks a feed is of: everybody's, an artist's, or those with a tag. */
export interface FeedFilter {
	artistDid?: string;
	tag?: string;
}

/** The newest public tracks, one more than the page has; the query itself, so that a test can ask how it is carried out. */
export function newestItems(db: Db, page: KeysetPage, { artistDid, tag }: FeedFilter) {
	if (tag !== undefined) return newestTagged(db, page, tag);
	let query = selectItems(db);
	if (artistDid !== undefined) query = query.where('tracks.artist_did', '=', artistDid);
	if (page.after) {
		const { createdAt, id } = page.after;
		query = query.where(sql<boolean>`(tracks.created_at, tracks.id) < (${createdAt}, ${id})`);
	}
	return query.orderBy('tracks.created_at', 'desc').orderBy('tracks.id', 'desc').limit(page.rows);
}

/** Begins with the tag, whose index has its tracks in this order. */
function newestTagged(db: Db, { rows, after }: KeysetPage, tag: string) {
	let query = selectItems(db)
		.innerJoin('track_tags as tagged', 'tagged.track_id', 'tracks.id')
		.where('tagged.tag', '=', tag);
	if (after) {
		const { createdAt, id } = after;
		query = query.where(
			sql<boolean>`(tagged.track_created_at, tagged.track_id) < (${createdAt}, ${id})`
		);
	}
	return query
		.orderBy('tagged.track_created_at', 'desc')
		.orderBy('tagged.track_id', 'desc')
		.limit(rows);
}

/** The public tracks of an album, in its order. */
export async function findItemsOfAlbum(db: Db, albumId: string): Promise<FeedItemRow[]> {
	return await selectItems(db)
		.where('tracks.album_id', '=', albumId)
		.orderBy('tracks.album_position')
		.orderBy('tracks.id')
		.execute();
}
