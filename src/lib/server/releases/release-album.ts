import type { Transaction } from 'kysely';
import { ensureReleaseAlbum } from '#lib/server/albums/release-album.ts';
import type { Database } from '#lib/server/db/schema.ts';

/**
 * The album of a published release, made when its first track is listed: until then there is
 * nothing to see in it. What the artist said about it is written where the album has nothing.
 * To be called under the lock of the track's record, as albums are locked after records.
 * @returns the album's id; null when the release is no album
 */
export async function albumOfRelease(
	trx: Transaction<Database>,
	releaseId: string
): Promise<string | null> {
	const release = await trx
		.selectFrom('releases')
		.select(['artist_did', 'fields', 'album_id'])
		.where('id', '=', releaseId)
		.executeTakeFirstOrThrow();
	const { albumTitle: title, imageId = null, description = null, year = null } = release.fields;
	if (release.album_id !== null || !title) return release.album_id;
	const about = { did: release.artist_did, title, description, year, imageId };
	const albumId = await ensureReleaseAlbum(trx, about);
	await trx
		.updateTable('releases')
		.set({ album_id: albumId })
		.where('id', '=', releaseId)
		.execute();
	return albumId;
}
