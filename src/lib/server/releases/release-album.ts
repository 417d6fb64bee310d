import type { Transaction } from 'kysely';
import { ensureReleaseAlbum } from '#lib/server/albums/release-album.ts';
import { lockAlbums } from '#lib/server/atproto/records/album-order.ts';
import type { Db } from '#lib/server/db/connect.ts';
import type { AlbumDeletion, Database } from '#lib/server/db/schema.ts';

/**
 * Makes the album of a published release when its first track is listed: until then there is
 * nothing to see in it. What the artist said about it is written where the album has nothing.
 * To be called under the lock of the track's record, as albums are locked after records.
 * @returns how the artist deleted it meanwhile: nothing brings it back; null: they did not
 */
export async function makeAlbumOfRelease(
	trx: Transaction<Database>,
	releaseId: string
): Promise<AlbumDeletion | null> {
	const release = await trx
		.selectFrom('releases')
		.select(['artist_did', 'fields'])
		.where('id', '=', releaseId)
		.executeTakeFirstOrThrow();
	// whoever deletes the album has this, too: what is read now holds until the track is listed
	await lockAlbums(trx, release.artist_did);
	const { album_id: known, album_deletion: deletion } = await trx
		.selectFrom('releases')
		.select(['album_id', 'album_deletion'])
		.where('id', '=', releaseId)
		.executeTakeFirstOrThrow();
	const { albumTitle: title, imageId = null, description = null, year = null } = release.fields;
	if (deletion !== null || known !== null || !title) return deletion;
	const about = { did: release.artist_did, title, description, year, imageId };
	const albumId = await ensureReleaseAlbum(trx, about);
	await trx
		.updateTable('releases')
		.set({ album_id: albumId })
		.where('id', '=', releaseId)
		.execute();
	return null;
}

/** How the album of a release was deleted while it was on its way; null: it was not. */
export async function albumDeletionOf(db: Db, releaseId: string): Promise<AlbumDeletion | null> {
	const release = await db
		.selectFrom('releases')
		.select('album_deletion')
		.where('id', '=', releaseId)
		.executeTakeFirst();
	return release?.album_deletion ?? null;
}
