import { sql } from 'kysely';
import type { Db } from '#lib/server/db/connect.ts';

const PAGE = 500;

export interface AudioRow {
	file_id: string;
	sha256: string;
	storage_key: string;
	size_bytes: number;
}

/** Every audio file a row speaks of. */
export async function* allAudio(db: Db): AsyncGenerator<AudioRow, void> {
	let after = '';
	for (;;) {
		const rows = await db
			.selectFrom('audio_files')
			.select(['file_id', 'sha256', 'storage_key', 'size_bytes'])
			.where('file_id', '>', after)
			.orderBy('file_id')
			.limit(PAGE)
			.execute();
		yield* rows;
		const last = rows.at(-1);
		if (!last) return;
		after = last.file_id;
	}
}

export interface ImageRow {
	image_id: string;
	renditions: Record<string, string>;
}

/** Every picture. */
export async function* allImages(db: Db): AsyncGenerator<ImageRow, void> {
	let after = '';
	for (;;) {
		const rows = await db
			.selectFrom('images')
			.select(['image_id', 'renditions'])
			.where('image_id', '>', after)
			.orderBy('image_id')
			.limit(PAGE)
			.execute();
		yield* rows;
		const last = rows.at(-1);
		if (!last) return;
		after = last.image_id;
	}
}

/** What somebody would miss, in words. */
export interface AudioUse {
	/**
	 * `plays`: a track plays this; `smaller`: it does where less is to be loaded; `original`: it is
	 * offered as it was given; `earlier`: as before
	 */
	use: 'plays' | 'smaller' | 'original' | 'earlier';
	trackId: number;
	title: string;
	handle: string;
}

/** Which tracks need a file, as it is now; empty: none, or the file's row is gone. */
export async function usesOfAudio(db: Db, fileId: string): Promise<AudioUse[]> {
	const { rows } = await sql<AudioUse>`
		select use, tracks.id as "trackId", title, handle from (
			select 'plays' as use, id as track_id from tracks where file_id = ${fileId}
			union select 'smaller', id from smaller_files join tracks on tracks.file_id = of_file_id
				where smaller_files.file_id = ${fileId}
			union select 'original', id from tracks
				where original_file_id = ${fileId} and file_id <> ${fileId}
			union select 'earlier', track_id from track_revisions
				where file_id = ${fileId} or original_file_id = ${fileId}
		) used join tracks on tracks.id = track_id join artists on did = artist_did
		where visibility <> 'deleting'
			and exists (select 1 from audio_files where file_id = ${fileId})
		order by "trackId"`.execute(db);
	return rows;
}

/** Whether a file's row is there still. */
export async function hasAudioRow(db: Db, fileId: string): Promise<boolean> {
	const row = await db
		.selectFrom('audio_files')
		.select('file_id')
		.where('file_id', '=', fileId)
		.executeTakeFirst();
	return row !== undefined;
}

/** Whose picture it is, in words; undefined: its row is gone. */
export async function useOfImage(db: Db, imageId: string): Promise<string | undefined> {
	const { rows } = await sql<{ use: string | null }>`
		select coalesce(
			(select 'the artwork of “' || title || '” (track ' || id || ')' from tracks
				where image_id = ${imageId} order by id limit 1),
			(select 'the cover of “' || title || '”' from albums where image_id = ${imageId} limit 1),
			(select 'the avatar of @' || handle from artists where avatar_image_id = ${imageId} limit 1)
		) as use from images where image_id = ${imageId}`.execute(db);
	const [row] = rows;
	return row && (row.use ?? 'a picture nobody shows at the moment');
}

/** Those of the ids of staged uploads that an upload needs. */
export async function neededStaged(db: Db, ids: readonly string[]): Promise<Set<string>> {
	const { rows } = await sql<{ id: string }>`
		select staged as id from unnest(${[...ids]}::text[]) as staged
		where staged ~ '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}' and exists (select 1 from uploads
			where uploads.id = left(staged, 36)::uuid and status <> 'completed')`.execute(db);
	return new Set(rows.map(({ id }) => id));
}

/** Everybody of whom rows say that they have records. */
export async function* allWriters(db: Db): AsyncGenerator<{ did: string; name: string }, void> {
	let after = '';
	for (;;) {
		const { rows } = await sql<{ did: string; name: string }>`
			select did, coalesce((select '@' || handle from artists where artists.did = writers.did),
				did) as name
			from (
				${firstDids('tracks', 'artist_did', after)}
				union ${firstDids('albums', 'artist_did', after)}
				union ${firstDids('likes', 'did', after)}
			) writers order by did limit ${PAGE}`.execute(db);
		yield* rows;
		const last = rows.at(-1);
		if (!last) return;
		after = last.did;
	}
}

/** Each by its own index: none of the tables is read whole for a page. */
const firstDids = (table: string, column: string, after: string) => sql`(
	select distinct ${sql.ref(column)} as did from ${sql.table(table)}
	where ${sql.ref(column)} > ${after} order by 1 limit ${PAGE})`;

/** What the index says of a record. */
export interface IndexedRecord {
	rkey: string;
	cid: string;
	/** in words */
	what: string;
}

/** What the index says of somebody's records of one collection; a row that is on its way out is left out. */
export async function indexedRecords(
	db: Db,
	did: string,
	kind: RecordKind,
	rkey?: string
): Promise<IndexedRecord[]> {
	const only = rkey === undefined ? sql`` : sql`and rkey = ${rkey}`;
	const { rows } = await {
		track: sql<IndexedRecord>`
			select rkey, record_cid as cid, 'track ' || id || ' “' || title || '”' as what from tracks
			where artist_did = ${did} and visibility <> 'deleting' ${only}`,
		list: sql<IndexedRecord>`
			select rkey, record_cid as cid, 'the album “' || title || '”' as what from albums
			where artist_did = ${did} and record_uri is not null and deletion is null ${only}`,
		like: sql<IndexedRecord>`
			select rkey, record_cid as cid, 'the like of track ' || track_id as what from (
				select did, rkey, record_cid, track_id from likes
				union all select did, rkey, record_cid, track_id from like_duplicates) all_likes
			where did = ${did} ${only}`
	}[kind].execute(db);
	return rows;
}

export type RecordKind = 'track' | 'list' | 'like';
