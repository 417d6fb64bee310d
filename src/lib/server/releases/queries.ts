import { type Selectable, sql, type Updateable } from 'kysely';
import type { Db } from '#lib/server/db/connect.ts';
import type { ReleaseTable, UploadTable } from '#lib/server/db/schema.ts';

export type ReleaseRow = Selectable<ReleaseTable>;
/** One file of a release. */
export type FileRow = Selectable<UploadTable>;

export async function insertRelease(db: Db, id: string, artistDid: string): Promise<void> {
	await db.insertInto('releases').values({ id, artist_did: artistDid, fields: '{}' }).execute();
}

export async function findRelease(db: Db, id: string): Promise<ReleaseRow | undefined> {
	return await db.selectFrom('releases').selectAll().where('id', '=', id).executeTakeFirst();
}

/**
 * Reads a release and keeps others from changing it until the transaction ends; files may be added
 * meanwhile. Locked before its files, always.
 */
export async function lockRelease(trx: Db, id: string): Promise<ReleaseRow | undefined> {
	return await trx
		.selectFrom('releases')
		.selectAll()
		.where('id', '=', id)
		.forNoKeyUpdate()
		.executeTakeFirst();
}

/** When a release opens, and the time it is; that stays so until the transaction ends. */
export async function findTimes(
	db: Db,
	id: string
): Promise<(Pick<ReleaseRow, 'status' | 'release_at'> & { now: Date }) | undefined> {
	return await db
		.selectFrom('releases')
		.select(['status', 'release_at', sql<Date>`now()`.as('now')])
		.where('id', '=', id)
		.forShare()
		.executeTakeFirst();
}

/** The time of the transaction, by the clock every process shares. */
export async function timeOf(trx: Db): Promise<Date> {
	const { now } = await trx.selectNoFrom(sql<Date>`now()`.as('now')).executeTakeFirstOrThrow();
	return now;
}

export async function changeReleaseRow(
	trx: Db,
	id: string,
	change: Updateable<ReleaseTable>
): Promise<ReleaseRow> {
	return await trx
		.updateTable('releases')
		.set({ ...change, updated_at: new Date() })
		.where('id', '=', id)
		.returningAll()
		.executeTakeFirstOrThrow();
}

export async function deleteRelease(trx: Db, id: string): Promise<void> {
	await trx.deleteFrom('releases').where('id', '=', id).execute();
}

/**
 * An artist's releases that have files, the newest first.
 * @param which those that are not open yet, or those that are and have a file that has not all arrived
 */
export async function listUnfinished(
	db: Db,
	artistDid: string,
	which: 'unopened' | 'receiving',
	limit: number
): Promise<ReleaseRow[]> {
	const isReceiving = which === 'receiving';
	return await db
		.selectFrom('releases')
		.selectAll()
		.where('artist_did', '=', artistDid)
		.where(
			sql<boolean>`(status = 'published' and coalesce(release_at <= now(), true))`,
			'=',
			isReceiving
		)
		.where((eb) =>
			eb.exists(
				eb
					.selectFrom('uploads')
					.select('id')
					.whereRef('uploads.release_id', '=', 'releases.id')
					.$if(isReceiving, (files) => files.where('uploads.status', '=', 'receiving'))
			)
		)
		.orderBy('created_at', 'desc')
		.limit(limit)
		.execute();
}

/** Removes drafts nobody put anything into for a day. @returns how many */
export async function deleteEmptyDrafts(db: Db): Promise<number> {
	const removed = await db
		.deleteFrom('releases')
		.where('status', '=', 'draft')
		.where('updated_at', '<', sql<Date>`now() - interval '1 day'`)
		.where((eb) =>
			eb.not(
				eb.exists(
					eb.selectFrom('uploads').select('id').whereRef('uploads.release_id', '=', 'releases.id')
				)
			)
		)
		.returning('id')
		.execute();
	return removed.length;
}

/** The files of some releases, in no order. */
export async function listFiles(db: Db, releaseIds: readonly string[]): Promise<FileRow[]> {
	if (releaseIds.length === 0) return [];
	return await db.selectFrom('uploads').selectAll().where('release_id', 'in', releaseIds).execute();
}

/** Where the albums of releases are, by album id. */
export async function findAlbumAddresses(
	db: Db,
	albumIds: readonly string[]
): Promise<Map<string, { id: string; handle: string; slug: string }>> {
	if (albumIds.length === 0) return new Map();
	const rows = await db
		.selectFrom('albums')
		.innerJoin('artists', 'artists.did', 'albums.artist_did')
		.select(['albums.id', 'artists.handle', 'albums.slug'])
		.where('albums.id', 'in', albumIds)
		.where('albums.deletion', 'is', null)
		.execute();
	return new Map(rows.map((row) => [row.id, row]));
}

/** Something with the content of a file: a track, or an upload on its way. */
export interface ContentTwin {
	sha256: string;
	/** of the track's record, or the one the upload will have: the smaller was begun first */
	rkey: string;
	trackId: number | null;
	uploadId: string | null;
	/** the draft an upload lies in: it costs a file its place nowhere else */
	draftId: string | null;
	title: string;
}

/** An artist's tracks, then their unfinished uploads, whose file has one of these hashes. */
export async function findTwins(
	db: Db,
	artistDid: string,
	hashes: readonly string[]
): Promise<ContentTwin[]> {
	if (hashes.length === 0) return [];
	const tracks = await db
		.selectFrom('tracks')
		.innerJoin('audio_files', 'audio_files.file_id', 'tracks.original_file_id')
		.select(['audio_files.sha256', 'tracks.rkey', 'tracks.id', 'tracks.title'])
		.where('tracks.artist_did', '=', artistDid)
		.where('audio_files.sha256', 'in', hashes)
		.execute();
	const uploads = await db
		.selectFrom('uploads')
		.leftJoin('releases', 'releases.id', 'uploads.release_id')
		.select(['sha256', 'rkey', 'uploads.id', 'file_name'])
		.select((eb) => [
			eb
				.case()
				.when('releases.status', '=', 'draft')
				.then(eb.ref('releases.id'))
				.end()
				.as('draftId')
		])
		.where('uploads.artist_did', '=', artistDid)
		.where('sha256', 'in', hashes)
		.where('uploads.status', 'in', ['pending', 'processing', 'waiting'])
		.orderBy('rkey')
		.execute();
	return [
		...tracks.map(({ id, ...track }) => {
			return { ...track, trackId: id, uploadId: null, draftId: null };
		}),
		...uploads.map(({ sha256, rkey, id, draftId, file_name: title }) => {
			return { sha256: sha256 ?? '', rkey, trackId: null, uploadId: id, draftId, title };
		})
	];
}

/** Of these pictures, those that are kept. */
export async function findImages(db: Db, imageIds: readonly string[]): Promise<Set<string>> {
	if (imageIds.length === 0) return new Set();
	const rows = await db
		.selectFrom('images')
		.select('image_id')
		.where('image_id', 'in', imageIds)
		.execute();
	return new Set(rows.map((row) => row.image_id));
}
