import { getOrCreateAlbum } from '#lib/server/atproto/records/album-of-track.ts';
import type { Transaction } from 'kysely';
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
	const { albumTitle: title, imageId, description, year } = release.fields;
	if (release.album_id !== null || !title) return release.album_id;
	const albumId = await getOrCreateAlbum(trx, release.artist_did, title, imageId ?? null);
	await trx
		.updateTable('albums')
		.set((eb) => ({
			description: eb.fn.coalesce('description', eb.val(description ?? null)),
			year: eb.fn.coalesce('year', eb.val(year ?? null)),
			image_id: eb.fn.coalesce('image_id', eb.val(imageId ?? null))
		}))
		.where('id', '=', albumId)
		.execute();
	await trx
		.updateTable('releases')
		.set({ album_id: albumId })
		.where('id', '=', releaseId)
		.execute();
	return albumId;
}
