import { type RawBuilder, type SelectQueryBuilder, sql } from 'kysely';
import { builtOnce } from '#lib/server/db/built-once.ts';
import type { Db } from '#lib/server/db/connect.ts';
import type { TrackVisibility } from '#lib/server/db/schema.ts';
import { KeysetPage } from '#lib/server/db/keyset.ts';
import { shortList } from '#lib/server/db/short-list.ts';

/** A track with everything that is shown beside it, in one row. */
const buildSelect = (db: Db) =>
	db
		.selectFrom('tracks')
		.innerJoin('artists as artist', 'artist.did', 'tracks.artist_did')
		.innerJoin('audio_files as audio', 'audio.file_id', 'tracks.file_id')
		.leftJoin('smaller_files as smaller', 'smaller.of_file_id', 'tracks.file_id')
		.leftJoin('albums as album', 'album.id', 'tracks.album_id')
		.leftJoin('album_loudness', 'album_loudness.album_id', 'tracks.album_id')
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
			'tracks.listed_as',
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
			'album_loudness.loudness_lufs as album_loudness_lufs',
			'album_loudness.true_peak_dbtp as album_true_peak_dbtp',
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
export type TrackRow =
	TrackSelect extends SelectQueryBuilder<infer _DB, infer _TB, infer Row> ? Row : never;

/** Whose tracks are listed. What is unlisted is in its artist's own list only. */
export interface ListedTracks {
	artistDid?: string | undefined;
	isOwn?: boolean | undefined;
}

type ReadNewest = (db: Db, artistDid: string, createdAt: Date, id: number) => Promise<TrackRow[]>;

/** By what is written into the query: how many rows, whose, and from where on. */
const readsOfNewest = new Map<string, ReadNewest>();

/** The newest tracks, of everybody or of one artist: `page.rows` rows, for `page.split`. */
export function findNewestTracks(
	db: Db,
	{ limit, after }: KeysetPage,
	{ artistDid, isOwn }: ListedTracks = {}
): Promise<TrackRow[]> {
	const isOfOne = artistDid !== undefined;
	const form = JSON.stringify([limit, after !== undefined, isOfOne, isOwn]);
	const made = readsOfNewest.get(form);
	const read =
		made ??
		builtOnce((builder: Db, did: string, createdAt: Date, id: number) =>
			newestTracks(builder, new KeysetPage(limit, after && { createdAt, id }), {
				artistDid: isOfOne ? did : undefined,
				isOwn
			})
		);
	if (!made) readsOfNewest.set(form, read);
	return read(db, artistDid ?? '', after?.createdAt ?? new Date(0), after?.id ?? 0);
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
	return selectTracks(db)
		.where('tracks.album_id', '=', albumId)
		.where('tracks.visibility', 'in', visible)
		.orderBy('tracks.album_position')
		.orderBy('tracks.id');
}

const readPublicTracksOfAlbum = builtOnce((db: Db, albumId: string) =>
	tracksOfAlbum(db, albumId, ['public'])
);
const readTracksOfAlbum = builtOnce((db: Db, albumId: string) =>
	tracksOfAlbum(db, albumId, ['public', 'unlisted'])
);

/** The tracks of an album, in its order. */
export const findTracksOfAlbum = (
	db: Db,
	albumId: string,
	forArtist: boolean
): Promise<TrackRow[]> => (forArtist ? readTracksOfAlbum : readPublicTracksOfAlbum)(db, albumId);

const readWithPeaks = builtOnce((db: Db, ids: readonly number[]) =>
	tracksById(db, ids).select('audio.peaks')
);

/** One track, and how loud it is from part to part. */
export async function findTrackWithPeaks(db: Db, id: number) {
	const [row] = await readWithPeaks(db, shortList([id]));
	return row;
}

export async function findTrack(db: Db, id: number): Promise<TrackRow | undefined> {
	const [row] = await findTracks(db, [id]);
	return row;
}

/** Those that whoever has their ids may see; the query itself, as above. */
export const tracksById = (db: Db, ids: readonly number[] | RawBuilder<number[]>) =>
	selectTracks(db)
		.where(sql<boolean>`tracks.id = any(${ids}::bigint[])`)
		.where('tracks.visibility', 'in', ['public', 'unlisted']);

/** The same for their artist, and for jobs: what was taken down is among them. */
const keptTracksById = (db: Db, ids: readonly number[]) =>
	selectTracks(db)
		.where(sql<boolean>`tracks.id = any(${ids}::bigint[])`)
		.where('tracks.visibility', '!=', 'deleting');

/** Those of some tracks that are there, in no order. */
export const findTracks = (db: Db, ids: readonly number[]): Promise<TrackRow[]> =>
	readTracksById(db, shortList(ids));

const readTracksById = builtOnce(tracksById);

/** A track that is there, also one that was taken down: for its artist, and for jobs. */
export async function findKeptTrack(db: Db, id: number): Promise<TrackRow | undefined> {
	return await keptTracksById(db, [id]).executeTakeFirst();
}

/** Those of some tracks that are an artist's. */
export async function findTracksOf(
	db: Db,
	artistDid: string,
	ids: readonly number[]
): Promise<TrackRow[]> {
	return await keptTracksById(db, ids)
		.where('tracks.artist_did', '=', artistDid)
		.orderBy('tracks.created_at', 'desc')
		.execute();
}
