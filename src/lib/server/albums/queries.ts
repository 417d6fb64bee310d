import { type Selectable, sql, type Updateable } from 'kysely';
import type { ListSubject } from '#lib/server/atproto/records/list-record.ts';
import type { Db } from '#lib/server/db/connect.ts';
import type { AlbumDeletion, AlbumTable } from '#lib/server/db/schema.ts';

export type AlbumRow = Selectable<AlbumTable>;

export async function findAlbumRow(db: Db, id: string): Promise<AlbumRow | undefined> {
	return await db.selectFrom('albums').selectAll().where('id', '=', id).executeTakeFirst();
}

/** Reads an album and keeps others from changing it until the transaction ends. */
export async function lockAlbumRow(trx: Db, id: string): Promise<AlbumRow | undefined> {
	return await trx
		.selectFrom('albums')
		.selectAll()
		.where('id', '=', id)
		.forNoKeyUpdate()
		.executeTakeFirst();
}

export async function changeAlbumRow(
	db: Db,
	id: string,
	change: Updateable<AlbumTable>
): Promise<void> {
	await db.updateTable('albums').set(change).where('id', '=', id).execute();
}

/** Lets the releases an album was made of know that it is deleted. */
export async function markReleases(
	trx: Db,
	albumId: string,
	deletion: AlbumDeletion
): Promise<void> {
	await trx
		.updateTable('releases')
		.set({ album_deletion: deletion })
		.where('album_id', '=', albumId)
		.execute();
}

/** Says that the record ought to be looked at: whatever was looked at before this counts no more. */
export async function wantSync(db: Db, id: string): Promise<void> {
	await db
		.updateTable('albums')
		.set((eb) => ({ sync_wanted: eb('sync_wanted', '+', 1) }))
		.where('id', '=', id)
		.execute();
}

/** Whether somebody wants its record looked at since it was read. */
export async function isWantedAnew(
	db: Db,
	{ id, sync_wanted: wantedThen }: AlbumRow
): Promise<boolean> {
	const row = await db
		.selectFrom('albums')
		.select('id')
		.where('id', '=', id)
		.where('sync_wanted', '>', wantedThen)
		.executeTakeFirst();
	return row !== undefined;
}

/**
 * Says that the record was looked at and is as it ought to be, as far as was wanted then. What was
 * kept for it is in it now; what was kept since is not, and stays.
 * @param then the album as it was when the record was made
 */
export async function syncIsDone(
	db: Db,
	{ id, ...then }: Pick<AlbumRow, 'id' | 'sync_wanted' | 'kept_change'>
): Promise<void> {
	const kept = then.kept_change && JSON.stringify(then.kept_change);
	await db
		.updateTable('albums')
		.set({
			sync_done: sql`greatest(sync_done, ${then.sync_wanted})`,
			waiting_code: null,
			waiting_since: null,
			kept_change: sql`case when kept_change = ${kept}::jsonb then null else kept_change end`
		})
		.where('id', '=', id)
		.execute();
}

export interface Member extends ListSubject {
	id: number;
}

/** The tracks of an album, in order, as a list names them. */
export async function findMembers(db: Db, albumId: string): Promise<Member[]> {
	return await db
		.selectFrom('tracks')
		.select(['id', 'record_uri as uri', 'record_cid as cid'])
		.where('album_id', '=', albumId)
		.where('visibility', '<>', 'deleting')
		.orderBy('album_position')
		.orderBy('id')
		.execute();
}

/** What the record of an album listed when it was indexed last. */
export async function findListed(db: Db, albumId: string): Promise<Set<string>> {
	const items = await db
		.selectFrom('album_items')
		.select('subject_uri')
		.where('album_id', '=', albumId)
		.execute();
	return new Set(items.map((item) => item.subject_uri));
}

/** The tracks of an album whose own records call it by a title. @returns their ids */
export async function findNaming(db: Db, albumId: string, title: string): Promise<number[]> {
	const rows = await db
		.selectFrom('tracks')
		.select('id')
		.where('album_id', '=', albumId)
		.where('named_album', '=', title)
		.where('visibility', '<>', 'deleting')
		.orderBy('album_position')
		.execute();
	return rows.map((row) => row.id);
}

/**
 * Those of an artist's own tracks that were asked for. `in_list`: the record of the album it is in has
 * it, and is to keep it: the album stays, and nobody has taken the track out.
 */
export async function findOwnTracks(
	db: Db,
	did: string,
	ids: readonly number[]
): Promise<(Member & { title: string; album_id: string | null; in_list: boolean })[]> {
	if (ids.length === 0) return [];
	return await db
		.selectFrom('tracks')
		.leftJoin('albums', 'albums.id', 'tracks.album_id')
		.select([
			'tracks.id',
			'tracks.record_uri as uri',
			'tracks.record_cid as cid',
			'tracks.title',
			'tracks.album_id',
			sql<boolean>`albums.rkey is not null
				and albums.deletion is distinct from 'keep_tracks'
				and not coalesce(albums.kept_change -> 'removed' @> to_jsonb(tracks.id), false)`.as('in_list')
		])
		.where('tracks.artist_did', '=', did)
		.where('tracks.visibility', '<>', 'deleting')
		.where('tracks.id', 'in', ids)
		.execute();
}

/** Of these records, those that were deleted. */
export async function findBuried(db: Db, uris: readonly string[]): Promise<Set<string>> {
	if (uris.length === 0) return new Set();
	const rows = await db
		.selectFrom('record_tombstones')
		.select('record_uri')
		.where('record_uri', 'in', uris)
		.execute();
	return new Set(rows.map((row) => row.record_uri));
}

/** What an artist has deleted and is still being taken away, by title. */
export async function findOwnDeletions(db: Db, did: string) {
	return await db
		.selectFrom('albums')
		.select(['id', 'title', 'waiting_code'])
		.where('artist_did', '=', did)
		.where('deletion', 'is not', null)
		.orderBy('title')
		.orderBy('id')
		.limit(100)
		.execute();
}

/** Albums that wait for their artist to sign in, with more permissions or again. */
export async function findWaitingForSignIn(db: Db, did: string): Promise<string[]> {
	const rows = await db
		.selectFrom('albums')
		.select('id')
		.where('artist_did', '=', did)
		.where('waiting_code', 'in', ['sign_in_again', 'permission_needed'])
		.execute();
	return rows.map((row) => row.id);
}

/** The same, of everybody whose sign-in came after the album began to wait. */
export async function findSignedInSince(db: Db): Promise<string[]> {
	const rows = await signedInSince(db).execute();
	return rows.map((row) => row.id);
}

/** The query itself, so that a test can ask the database how it would be carried out. */
export const signedInSince = (db: Db) =>
	db
		.selectFrom('albums')
		.innerJoin('oauth_sessions', 'oauth_sessions.did', 'albums.artist_did')
		.select('albums.id')
		.where('waiting_code', 'in', ['sign_in_again', 'permission_needed'])
		.where('oauth_sessions.updated_at', '>', sql<Date>`albums.waiting_since`)
		.limit(100);
