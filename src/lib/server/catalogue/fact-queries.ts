import { type SelectQueryBuilder, sql } from 'kysely';
import type { Db } from '#lib/server/db/connect.ts';

/** What the index says about a track, and where its bytes ought to be. */
const selectFacts = (db: Db) =>
	db
		.selectFrom('tracks')
		.innerJoin('artists as artist', 'artist.did', 'tracks.artist_did')
		.innerJoin('audio_files as audio', 'audio.file_id', 'tracks.file_id')
		.innerJoin('audio_files as original', 'original.file_id', 'tracks.original_file_id')
		.leftJoin('smaller_files', 'smaller_files.of_file_id', 'tracks.file_id')
		.leftJoin('audio_files as smaller', 'smaller.file_id', 'smaller_files.file_id')
		.leftJoin('images as image', 'image.image_id', 'tracks.image_id')
		.where('tracks.visibility', '!=', 'deleting')
		.select([
			'tracks.id',
			'tracks.artist_did',
			'tracks.rkey',
			'tracks.record_uri',
			'tracks.record_cid',
			'tracks.title',
			'tracks.description',
			'tracks.features',
			'tracks.file_id',
			'tracks.original_file_id',
			'tracks.duration_ms',
			'tracks.image_id',
			'tracks.is_explicit',
			'tracks.listed_as',
			'tracks.created_at',
			// what its own record says: a list may have put it on another album
			'tracks.named_album as album_title',
			sql<string[]>`array(select tag from track_tags where track_id = tracks.id order by tag)`.as(
				'tags'
			),
			'artist.display_name as artist_name',
			'audio.file_type',
			'audio.storage_key',
			'audio.size_bytes',
			'original.storage_key as original_key',
			'original.size_bytes as original_size_bytes',
			'smaller.storage_key as smaller_key',
			'smaller.size_bytes as smaller_size_bytes',
			'image.renditions'
		]);

type FactsSelect = ReturnType<typeof selectFacts>;
export type TrackFacts =
	FactsSelect extends SelectQueryBuilder<infer _DB, infer _TB, infer Row> ? Row : never;

/** Those of some records that are indexed, by the address of the record. */
export async function findFactsByUri(
	db: Db,
	uris: readonly string[]
): Promise<Map<string, TrackFacts>> {
	if (uris.length === 0) return new Map();
	const rows = await selectFacts(db).where('tracks.record_uri', 'in', uris).execute();
	return new Map(rows.map((row) => [row.record_uri, row]));
}

export async function findFacts(db: Db, trackId: number): Promise<TrackFacts | undefined> {
	return await selectFacts(db).where('tracks.id', '=', trackId).executeTakeFirst();
}

/** Where a page of an artist's tracks ended. */
export type Place = Pick<TrackFacts, 'id' | 'created_at'>;

/** An artist's tracks, a page at a time. */
export async function pageOfFacts(
	db: Db,
	did: string,
	after: Place | undefined,
	limit: number
): Promise<TrackFacts[]> {
	return await selectFacts(db)
		.where('tracks.artist_did', '=', did)
		.$if(after !== undefined, (query) =>
			query.where(
				sql<boolean>`(tracks.created_at, tracks.id) < (${after?.created_at}, ${after?.id})`
			)
		)
		.orderBy('tracks.created_at', 'desc')
		.orderBy('tracks.id', 'desc')
		.limit(limit)
		.execute();
}

/** The earlier versions of some tracks. */
export async function findEarlier(db: Db, trackIds: readonly number[]) {
	if (trackIds.length === 0) return [];
	return await db
		.selectFrom('track_revisions as revision')
		.innerJoin('audio_files as audio', 'audio.file_id', 'revision.file_id')
		.innerJoin('audio_files as original', 'original.file_id', 'revision.original_file_id')
		.select([
			'revision.id',
			'revision.track_id',
			'revision.file_id',
			'revision.original_file_id',
			'audio.storage_key',
			'audio.size_bytes',
			'original.storage_key as original_key',
			'original.size_bytes as original_size_bytes'
		])
		.where('revision.track_id', 'in', trackIds)
		.orderBy('revision.id')
		.execute();
}

export type EarlierFacts = Awaited<ReturnType<typeof findEarlier>>[number];

/** Which of some pictures are kept. */
export async function findKnownImages(db: Db, ids: readonly string[]): Promise<Set<string>> {
	if (ids.length === 0) return new Set();
	const rows = await db
		.selectFrom('images')
		.select('image_id')
		.where('image_id', 'in', ids)
		.execute();
	return new Set(rows.map((row) => row.image_id));
}

/** Other files that were made of what an artist uploaded, wherever they are used. */
export async function findOtherRenditions(
	db: Db,
	{
		file_id: fileId,
		original_file_id: originalId
	}: Pick<TrackFacts, 'file_id' | 'original_file_id'>
) {
	const { rows } = await sql<{
		file_id: string;
		file_type: string;
		duration_ms: number | null;
		storage_key: string;
		size_bytes: number;
	}>`
		select file_id, file_type, duration_ms, storage_key, size_bytes from audio_files
		where file_id <> ${fileId} and file_id in (
			select file_id from tracks where original_file_id = ${originalId}
			union select file_id from track_revisions where original_file_id = ${originalId})
		order by file_id`.execute(db);
	return rows;
}

/**
 * Whether somebody is changing a track right now: its record and its row may differ for a moment,
 * and whoever changes it will make them agree.
 */
export async function isBeingChanged(db: Db, trackId: number): Promise<boolean> {
	const { rows } = await sql`
		select 1 from pgboss.job
		where name = 'tracks' and singleton_key = 'sync:' || ${trackId}::bigint and state < 'completed'
		union all
		select 1 from uploads
		where replaces_track_id = ${trackId} and status in ('pending', 'processing')
		limit 1`.execute(db);
	return rows.length > 0;
}
