import type { Transaction } from 'kysely';
import { albumSlug } from '#lib/albums/slug.ts';
import { lockAlbums } from '#lib/server/atproto/records/album-order.ts';
import type { Context } from '#lib/server/context.ts';
import type { Db } from '#lib/server/db/connect.ts';
import type { Database } from '#lib/server/db/schema.ts';
import { insertAlbum } from './create-album.ts';
import { keepForRecord } from './kept-change.ts';
import { type AlbumRow, findAlbumRow } from './queries.ts';
import { findAlbumOfTitle } from './release-album.ts';
import { enqueueAlbumSync } from './sync-album.ts';

type Trx = Transaction<Database>;
type Enqueuer = Pick<Context, 'jobs'>;

/** The album a track's own record names, as far as it is indexed. */
export async function albumNamedBy(db: Db, trackId: number): Promise<string | null> {
	const track = await db
		.selectFrom('tracks')
		.select('named_album')
		.where('id', '=', trackId)
		.executeTakeFirst();
	return track?.named_album ?? null;
}

/**
 * Lets the lists follow what an artist said here about the album of a track: it leaves the one it
 * is on, and joins the one that was named. To be called in the transaction that indexes the edit.
 * @param namedBefore what `albumNamedBy` said before the edit was indexed, and where the record
 *   still says so nothing follows; undefined: the artist wants what it says, whether or not it is new
 */
export async function followTrackEdit(
	ctx: Enqueuer,
	trx: Trx,
	trackId: number,
	namedBefore: string | null | undefined
): Promise<void> {
	const track = await trx
		.selectFrom('tracks')
		.select(['artist_did', 'album_id', 'named_album', 'record_uri', 'image_id'])
		.where('id', '=', trackId)
		.executeTakeFirst();
	if (!track || track.named_album === namedBefore) return;
	const { artist_did: did, named_album: title } = track;
	await lockAlbums(trx, did);
	const list = await findList(trx, track.album_id, track.record_uri);
	if (list && title !== null && (await isCalled(trx, list, title))) return;
	if (list) await keepForRecord(ctx, trx, list, { removed: [trackId] });
	if (title === null) return;
	const named = await findAlbumOfTitle(trx, { did, title });
	// in an album that has no list the record of the track has put it already
	if (!list && !named?.rkey) return;
	const album = named ?? { id: await makeAlbum(trx, did, title), kept_change: null };
	await keepForRecord(ctx, trx, { rkey: null, ...album }, { added: [trackId] });
}

/** The album on whose list a track is. */
async function findList(
	trx: Trx,
	albumId: string | null,
	uri: string
): Promise<AlbumRow | undefined> {
	if (albumId === null) return undefined;
	const item = await trx
		.selectFrom('album_items')
		.select('position')
		.where('album_id', '=', albumId)
		.where('subject_uri', '=', uri)
		.executeTakeFirst();
	return item && (await findAlbumRow(trx, albumId));
}

/** Whether a title means an album: it is called so, or was before it was renamed. */
async function isCalled(trx: Trx, { id, title }: AlbumRow, said: string): Promise<boolean> {
	if (title.toLowerCase() === said.toLowerCase()) return true;
	const former = await trx
		.selectFrom('album_slugs')
		.select('slug')
		.where('album_id', '=', id)
		.where('slug', '=', albumSlug(said))
		.executeTakeFirst();
	return former !== undefined;
}

const makeAlbum = (trx: Trx, did: string, title: string) =>
	insertAlbum(trx, { did, title, description: null, year: null, imageId: null });

/** Lets the lists a deleted track was on follow. To be called in the transaction that removes it. */
export async function followTrackRemoval(ctx: Enqueuer, trx: Trx, uri: string): Promise<void> {
	const listing = await trx
		.selectFrom('album_items')
		.select('album_id')
		.distinct()
		.where('subject_uri', '=', uri)
		.execute();
	for (const { album_id: albumId } of listing) await enqueueAlbumSync(ctx, trx, albumId);
}
