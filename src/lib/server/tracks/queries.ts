import { type SelectQueryBuilder, sql } from 'kysely';
import type { Db } from '#lib/server/db/connect.ts';
import type { TrackVisibility } from '#lib/server/db/schema.ts';
import type { KeysetPage } from '#lib/server/db/keyset.ts';
import { type AlbumLoudness, loudnessOfAlbums, withAlbumLoudness } from './album-loudness.ts';

/** A track with everything that is shown beside it, in one row. */
const buildSelect = (db: Db) =>
	db
		.selectFrom('tracks')
		.innerJoin('artists as artist', 'artist.did', 'tracks.artist_did')
		.innerJoin('audio_files as audio', 'audio.file_id', 'tracks.file_id')
		.leftJoin('smaller_files as smaller', 'smaller.of_file_id', 'tracks.file_id')
		.leftJoin('albums as album', 'album.id', 'tracks.album_id')
		.leftJoin('images as image', 'image.image_id', 'tracks.image_id')
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
			'tracks.duration_ms',
			'tracks.image_id',
			'tracks.play_count',
			'tracks.like_count',
			'tracks.created_at',
			'tracks.visibility',
			'tracks.is_explicit',
			sql<string[]>`array(select tag from track_tags where track_id = tracks.id order by tag)`.as(
				'tags'
			),
			'artist.handle as artist_handle',
			'artist.display_name as artist_name',
			'artist.avatar_image_id',
			'artist.pds_url',
			'artist.downloads as artist_downloads',
			'audio.file_type',
			'audio.content_type',
			'audio.codec',
			'audio.loudness_lufs',
			'audio.true_peak_dbtp',
			'smaller.file_id as smaller_file_id',
			'album.id as album_id',
			'album.slug as album_slug',
			'album.title as album_title',
			'album.image_id as album_image_id',
			'image.placeholder as image_placeholder',
			'image.dominant_color as image_color',
			'image.width_px as image_width_px',
			'image.height_px as image_height_px'
		]);

/** The same for every list, and it takes long to build: once a connection of the query builder. */
const selects = new WeakMap<Db, TrackSelect>();

function selectTracks(db: Db): TrackSelect {
	const select = selects.get(db) ?? buildSelect(db);
	selects.set(db, select);
	return select;
}

type TrackSelect = ReturnType<typeof buildSelect>;
type SelectedRow =
	TrackSelect extends SelectQueryBuilder<infer _DB, infer _TB, infer Row> ? Row : never;
export type TrackRow = SelectedRow & { album_loudness: AlbumLoudness | null };

/** Whose tracks are listed. What is unlisted is in its artist's own list only. */
export interface ListedTracks {
	artistDid?: string | undefined;
	isOwn?: boolean | undefined;
}

/**
 * The newest tracks, of everybody or of one artist: `page.rows` rows, for `page.split`.
 */
export async function findNewestTracks(
	db: Db,
	page: KeysetPage,
	listed: ListedTracks = {}
): Promise<TrackRow[]> {
	return await withAlbumLoudness(db, await newestTracks(db, page, listed).execute());
}

/** The query itself, so that a test can ask the database how it would be carried out. */
export function newestTracks(
	db: Db,
	{ rows, after }: KeysetPage,
	{ artistDid, isOwn = false }: ListedTracks = {}
) {
	let query = isOwn
		? selectTracks(db).where('tracks.visibility', '!=', 'deleting')
		: // as the index has it: a parameter would not be seen to fit
			selectTracks(db).where('tracks.visibility', '=', sql.lit('public'));
	if (artistDid !== undefined) query = query.where('tracks.artist_did', '=', artistDid);
	if (after) {
		const { createdAt, id } = after;
		query = query.where(sql<boolean>`(tracks.created_at, tracks.id) < (${createdAt}, ${id})`);
	}
	return query.orderBy('tracks.created_at', 'desc').orderBy('tracks.id', 'desc').limit(rows);
}

/** The tracks of an album, in its order; the query itself, so that a test can ask how it is carried out. */
export function tracksOfAlbum(db: Db, albumId: string, visible: readonly TrackVisibility[]) {
	// the same for all of them: the database finds it out once
	const loudness = sql<AlbumLoudness | null>`(
		select to_json(measured) from (${loudnessOfAlbums(db, [albumId])}) measured)`;
	return selectTracks(db)
		.select(loudness.as('album_loudness'))
		.where('tracks.album_id', '=', albumId)
		.where('tracks.visibility', 'in', visible)
		.orderBy('tracks.album_position')
		.orderBy('tracks.id');
}

/** One track, and how loud it is from part to part; how loud its album is, is asked for with others. */
export const findTrackWithPeaks = async (db: Db, id: number) =>
	await tracksById(db, [id]).select('audio.peaks').executeTakeFirst();

export async function findTrack(db: Db, id: number): Promise<TrackRow | undefined> {
	const [row] = await findTracks(db, [id]);
	return row;
}

/** Those of some tracks that are there, in no order. */
export async function findTracks(db: Db, ids: readonly number[]): Promise<TrackRow[]> {
	return await withAlbumLoudness(db, await tracksById(db, ids).execute());
}

/** The query itself, as above. */
export const tracksById = (db: Db, ids: readonly number[]) =>
	selectTracks(db).where('tracks.id', 'in', ids).where('tracks.visibility', '!=', 'deleting');

/** Those of some tracks that are an artist's. */
export async function findTracksOf(
	db: Db,
	artistDid: string,
	ids: readonly number[]
): Promise<TrackRow[]> {
	const rows = await tracksById(db, ids)
		.where('tracks.artist_did', '=', artistDid)
		.orderBy('tracks.created_at', 'desc')
		.execute();
	return await withAlbumLoudness(db, rows);
}

/** Every file a track refers to, now and earlier, and the smaller ones that were made of them. */
export async function findFilesOf(
	db: Db,
	recordUri: string
): Promise<{ audio: string[]; imageId: string | null }> {
	const track = await db
		.selectFrom('tracks')
		.select(['id', 'file_id', 'original_file_id', 'image_id'])
		.where('record_uri', '=', recordUri)
		.executeTakeFirst();
	if (!track) return { audio: [], imageId: null };
	const earlier = await db
		.selectFrom('track_revisions')
		.select(['file_id', 'original_file_id'])
		.where('track_id', '=', track.id)
		.execute();
	const audio = [track, ...earlier].flatMap((one) => [one.file_id, one.original_file_id]);
	const smaller = await db
		.selectFrom('smaller_files')
		.select('file_id')
		.where('of_file_id', 'in', audio)
		.where('file_id', 'is not', null)
		.$narrowType<{ file_id: string }>()
		.execute();
	const all = [...audio, ...smaller.map(({ file_id: id }) => id)];
	// in one order, so that two deletions do not wait for each other
	return { audio: [...new Set(all)].sort(), imageId: track.image_id };
}

/** A file that may be listened to: one that a track streams, or the smaller one of it. Originals are the artist's own. */
export async function findStreamedFile(db: Db, fileId: string) {
	return await streamedFile(db, fileId)
		.select(['storage_key', 'content_type', 'size_bytes', 'sha256', 'created_at'])
		.executeTakeFirst();
}

/** How loud a file that may be listened to is from part to part: 1,800 bytes, null when unknown. */
export async function findPeaks(db: Db, fileId: string): Promise<Buffer | null> {
	const row = await streamedFile(db, fileId).select('peaks').executeTakeFirst();
	return row?.peaks ?? null;
}

/** It is streamed itself, or was made of one that is. */
const streamedFile = (db: Db, fileId: string) =>
	db
		.selectFrom('audio_files')
		.where('file_id', '=', fileId)
		.where((eb) =>
			eb.exists(
				eb
					.selectFrom('tracks')
					.select(sql`1`.as('one'))
					.where(
						'tracks.file_id',
						'in',
						sql<string>`(
						select ${fileId} union all
						select of_file_id from smaller_files where file_id = ${fileId})`
					)
					.where('tracks.visibility', '!=', 'deleting')
			)
		);
