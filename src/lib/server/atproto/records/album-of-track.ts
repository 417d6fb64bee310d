import { sql, type Transaction } from 'kysely';
import { albumSlug } from '#lib/albums/slug.ts';
import type { Database } from '#lib/server/db/schema.ts';
import type { TrackRecord } from './track-record.ts';

type Trx = Transaction<Database>;

interface Placed {
	trackId: number;
	did: string;
	record: TrackRecord;
	imageId: string | null;
}

/**
 * Puts a track into the album its record names, which is made when it does not exist and then gets
 * the track's picture; or takes it out of its album when the record names none. Within the album
 * tracks stand in the order they were created, whichever of them was finished first; a track that
 * is in the album already keeps its place.
 */
export async function placeInAlbum(trx: Trx, placed: Placed): Promise<void> {
	const { trackId, did, record, imageId } = placed;
	const albumId = record.album ? await getOrCreateAlbum(trx, did, record.album, imageId) : null;
	const track = await trx
		.selectFrom('tracks')
		.select(['album_id', 'created_at', 'rkey'])
		.where('id', '=', trackId)
		.executeTakeFirstOrThrow();
	if (track.album_id === albumId) return;
	const position = albumId === null ? null : await makeRoom(trx, albumId, track);
	await trx
		.updateTable('tracks')
		.set({ album_id: albumId, album_position: position })
		.where('id', '=', trackId)
		.execute();
}

/**
 * The artist's album with a title, made when there is none. Locks its row until the transaction
 * ends: positions are given out one at a time.
 * @param imageId the picture of an album that is made
 */
export async function getOrCreateAlbum(
	trx: Trx,
	did: string,
	title: string,
	imageId: string | null
): Promise<string> {
	const slug = albumSlug(title);
	await trx
		.insertInto('albums')
		.values({ artist_did: did, slug, title, image_id: imageId })
		.onConflict((conflict) => conflict.constraint('uq_albums_artist_slug').doNothing())
		.execute();
	const { id } = await trx
		.selectFrom('albums')
		.select('id')
		.where('artist_did', '=', did)
		.where('slug', '=', slug)
		.forUpdate()
		.executeTakeFirstOrThrow();
	return id;
}

/** The place before the first track that was created later, after moving those up by one. */
async function makeRoom(
	trx: Trx,
	albumId: string,
	track: { created_at: Date; rkey: string }
): Promise<number> {
	const { first, last } = await trx
		.selectFrom('tracks')
		.where('album_id', '=', albumId)
		.select([
			sql<number | null>`min(album_position) filter (
				where (created_at, rkey) > (${track.created_at}, ${track.rkey}))`.as('first'),
			sql<number | null>`max(album_position)`.as('last')
		])
		.executeTakeFirstOrThrow();
	if (first === null) return (last ?? 0) + 1;
	await trx
		.updateTable('tracks')
		.set((eb) => ({ album_position: eb('album_position', '+', 1) }))
		.where('album_id', '=', albumId)
		.where('album_position', '>=', first)
		.execute();
	return first;
}
