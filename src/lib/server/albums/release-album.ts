import { TID } from '@atproto/common-web';
import { sql, type Transaction } from 'kysely';
import { albumSlug } from '#lib/albums/slug.ts';
import { lockAlbums, makeRoom } from '#lib/server/atproto/records/album-order.ts';
import type { Context } from '#lib/server/context.ts';
import type { Database } from '#lib/server/db/schema.ts';
import { type AlbumToBe, insertAlbum } from './create-album.ts';
import { type AlbumRow, changeAlbumRow } from './queries.ts';
import { enqueueAlbumSync } from './sync-album.ts';

type Trx = Transaction<Database>;

/**
 * The album a release is published as: the artist's album of the same title, or a new one. Its
 * record key is chosen once; the record itself is written when its first track is there. What is
 * known of an album that exists stays, and only what it lacks is added.
 * @returns the album's id
 */
export async function ensureReleaseAlbum(trx: Trx, input: AlbumToBe): Promise<string> {
	await lockAlbums(trx, input.did);
	const known = await findAlbumOfTitle(trx, input);
	if (!known) return await insertAlbum(trx, input);
	await addWhatLacks(trx, known, input);
	return known.id;
}

/** An album with a record first: its title is what counts; of others, their address as well. */
export async function findAlbumOfTitle(
	trx: Trx,
	{ did, title }: Pick<AlbumToBe, 'did' | 'title'>
): Promise<AlbumRow | undefined> {
	return await trx
		.selectFrom('albums')
		.selectAll()
		.where('artist_did', '=', did)
		.where('deletion', 'is', null)
		.where((eb) =>
			eb.or([
				eb(sql`lower(title)`, '=', title.toLowerCase()),
				eb.and([eb('rkey', 'is', null), eb('slug', '=', albumSlug(title))])
			])
		)
		.orderBy(sql`title = ${title}`, 'desc')
		.orderBy('created_at')
		.executeTakeFirst();
}

async function addWhatLacks(trx: Trx, album: AlbumRow, input: AlbumToBe): Promise<void> {
	const { description, year, imageId } = input;
	const lacking = {
		...(album.description === null && description !== null ? { description } : {}),
		...(album.year === null && year !== null ? { year } : {}),
		...(album.image_id === null && imageId !== null ? { imageId } : {})
	};
	// what is in a record is changed in the record first
	if (album.record_uri !== null) {
		if (Object.keys(lacking).length === 0) return;
		const kept_change = JSON.stringify({ ...lacking, ...album.kept_change });
		await changeAlbumRow(trx, album.id, { kept_change });
		return;
	}
	await changeAlbumRow(trx, album.id, {
		rkey: album.rkey ?? TID.nextStr(),
		description: album.description ?? description,
		year: album.year ?? year,
		image_id: album.image_id ?? imageId
	});
}

/**
 * Puts a track that was just indexed into the album of its release, at its place among the tracks
 * of the release whichever of them was finished first, and asks for the album's record. To be
 * called in the transaction that indexes it.
 * @param upload the upload the track came from
 */
export async function joinReleaseAlbum(
	ctx: Pick<Context, 'jobs'>,
	trx: Trx,
	upload: { artist_did: string; release_id: string | null; release_position: number | null },
	trackId: number
): Promise<void> {
	await lockAlbums(trx, upload.artist_did);
	const albumId = await albumOf(trx, upload, trackId);
	if (albumId === null) return;
	const { release_id: releaseId, release_position: position } = upload;
	if (releaseId !== null && position !== null) {
		await placeAmongRelease(trx, { albumId, trackId, releaseId, position });
	}
	await enqueueAlbumSync(ctx, trx, albumId);
}

/** The release's, or the one the track is in; null when that has no record and wants none. */
async function albumOf(
	trx: Trx,
	{ release_id: releaseId }: { release_id: string | null },
	trackId: number
): Promise<string | null> {
	const release =
		releaseId === null
			? undefined
			: await trx
					.selectFrom('releases')
					.select('album_id')
					.where('id', '=', releaseId)
					.where('album_deletion', 'is', null)
					.executeTakeFirst();
	if (release?.album_id) return release.album_id;
	const track = await trx
		.selectFrom('tracks')
		.innerJoin('albums', 'albums.id', 'tracks.album_id')
		.select(['albums.id', 'albums.rkey'])
		.where('tracks.id', '=', trackId)
		.executeTakeFirst();
	return track?.rkey ? track.id : null;
}

interface ReleaseTrack {
	albumId: string;
	trackId: number;
	releaseId: string;
	/** within the release, 1-based */
	position: number;
}

async function placeAmongRelease(trx: Trx, track: ReleaseTrack): Promise<void> {
	const { albumId, trackId } = track;
	const isListed = await trx
		.selectFrom('album_items')
		.innerJoin('tracks', 'tracks.record_uri', 'album_items.subject_uri')
		.select('tracks.id')
		.where('album_items.album_id', '=', albumId)
		.where('tracks.id', '=', trackId)
		.executeTakeFirst();
	if (isListed) return;
	const { before, after, last } = await neighboursOf(trx, track);
	const current = await trx
		.selectFrom('tracks')
		.select(['album_id', 'album_position as at'])
		.where('id', '=', trackId)
		.executeTakeFirstOrThrow();
	const isPlaced =
		current.album_id === albumId &&
		(before === null || (current.at ?? 0) > before) &&
		(after === null || (current.at ?? Infinity) < after);
	if (isPlaced) return;
	const at = before !== null ? before + 1 : (after ?? (last ?? 0) + 1);
	await moveTo(trx, trackId, null, null);
	await makeRoom(trx, albumId, at);
	await moveTo(trx, trackId, albumId, at);
}

/** Where the tracks of the same release stand that come just before and after, and the last of all. */
async function neighboursOf(trx: Trx, { albumId, trackId, releaseId, position }: ReleaseTrack) {
	return await trx
		.selectFrom('tracks')
		.leftJoin('uploads', (join) =>
			join.onRef('uploads.track_id', '=', 'tracks.id').on('uploads.release_id', '=', releaseId)
		)
		.where('tracks.album_id', '=', albumId)
		.where('tracks.id', '<>', trackId)
		.select([
			sql<number | null>`max(album_position) filter (where release_position < ${position})`.as(
				'before'
			),
			sql<number | null>`min(album_position) filter (where release_position > ${position})`.as(
				'after'
			),
			sql<number | null>`max(album_position)`.as('last')
		])
		.executeTakeFirstOrThrow();
}

async function moveTo(
	trx: Trx,
	trackId: number,
	albumId: string | null,
	position: number | null
): Promise<void> {
	await trx
		.updateTable('tracks')
		.set({ album_id: albumId, album_position: position })
		.where('id', '=', trackId)
		.execute();
}
