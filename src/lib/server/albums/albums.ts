import { isSlug } from '#lib/albums/slug.ts';
import { isValidHandle } from '@atproto/syntax';
import { type Album, albumPath } from '#lib/albums/album.ts';
import { isDid } from '#lib/auth/handle.ts';
import type { Viewer } from '#lib/auth/viewer.ts';
import { findArtist } from '#lib/server/artists/artists.ts';
import type { Context } from '#lib/server/context.ts';
import { notFound, signInRequired } from '#lib/server/errors.ts';
import { withOwnLikes } from '#lib/server/likes/own-likes.ts';
import { listAlbumTracks } from '#lib/server/tracks/album-tracks.ts';
import { presentTrack } from '#lib/server/tracks/present.ts';
import type { TrackRow } from '#lib/server/tracks/queries.ts';
import { countRest } from '#lib/server/uploads/rest-of-album.ts';
import type { Track } from '#lib/tracks/track.ts';
import { writeBase } from './form-base.ts';
import { albumNotFound, isAlbumId, ownAlbum } from './own-album.ts';
import { presentAlbum } from './present.ts';
import {
	findAddable,
	findAlbumAt,
	findAlbumById,
	findAlbumsOf,
	findMovedSlug,
	type ShownAlbumRow
} from './reading-queries.ts';

/** As a part of a larger query. */
export { publicAlbumsById } from './reading-queries.ts';

type Reader = Pick<Context, 'config' | 'db'>;

/** An album at an address, or where it is now. */
export type AlbumFound =
	{ album: ShownAlbumRow; tracks: TrackRow[]; isOwn: boolean } | { movedTo: string };

/**
 * The album at an address. One in which this viewer sees no track is only its artist's.
 * @param handle of the artist, or a did
 * @throws DomainError 404 `artist_not_found` or `album_not_found`
 */
export async function findAlbum(
	ctx: Reader,
	viewer: Viewer | null,
	handle: string,
	slug: string
): Promise<AlbumFound> {
	const artist = await artistOf(ctx, handle);
	if (!isSlug(slug)) throw albumNotFound();
	const isOwn = viewer?.did === artist.did;
	const album = await findAlbumAt(ctx.db, artist.did, slug, isOwn);
	if (!album) {
		const moved = await findMovedSlug(ctx.db, artist.did, slug);
		if (moved === undefined) throw albumNotFound();
		return { movedTo: albumPath({ slug: moved, artist }) };
	}
	if (!isOwn && album.track_count === 0) throw albumNotFound();
	// a handle they had before
	if (!isDid(handle) && handle.toLowerCase() !== artist.handle) {
		return { movedTo: albumPath({ slug, artist }) };
	}
	return { album, tracks: await listAlbumTracks(ctx, album.id, isOwn), isOwn };
}

/** Whose handle it is, or was; or whose did. @throws DomainError 404 `artist_not_found` */
export async function artistOf(
	ctx: Reader,
	handle: string
): Promise<{ did: string; handle: string }> {
	if (isDid(handle)) return await findArtist(ctx, { did: handle });
	if (!isValidHandle(handle.toLowerCase())) throw notFound('artist not found', 'artist_not_found');
	return await findArtist(ctx, { handle });
}

/** The page of an album. */
export type AlbumPage = { album: Album; tracks: Track[]; isOwn: boolean } | { movedTo: string };

/** @throws DomainError 404 */
export async function getAlbumPage(
	ctx: Reader,
	viewer: Viewer | null,
	handle: string,
	slug: string
): Promise<AlbumPage> {
	const found = await findAlbum(ctx, viewer, handle, slug);
	if ('movedTo' in found) return found;
	const { album, tracks, isOwn } = found;
	const shown = await withOwnLikes(ctx, viewer, tracks.map(presentTrack));
	return { album: presentAlbum(album, isOwn), tracks: shown, isOwn };
}

/** What the form for an album needs. */
export interface AlbumToEdit {
	album: Album;
	tracks: Track[];
	/** what the form says before anything is typed: it takes it along */
	base: string;
	/** own tracks that are in no other album that has a record; `album`: one that has none */
	addable: { id: number; title: string; album: string | null }[];
	/** files of its releases that are no tracks yet: they go with it when its tracks do */
	filesOnTheirWay: number;
}

/** @throws DomainError 404, 403 `not_your_album` */
export async function getAlbumToEdit(
	ctx: Reader,
	viewer: Viewer,
	id: string
): Promise<AlbumToEdit> {
	await ownAlbum(ctx, viewer, id);
	const row = await findAlbumById(ctx.db, id, true);
	if (!row) throw albumNotFound();
	const [tracks, addable, filesOnTheirWay] = await Promise.all([
		listAlbumTracks(ctx, id, true),
		findAddable(ctx.db, viewer.did, id),
		countRest(ctx.db, id)
	]);
	const kept = row.kept_change;
	// what waits for a sign-in is what the artist wants to go on with
	const album = { ...presentAlbum(row, true), ...pickShown(kept) };
	return {
		album,
		tracks: tracks.map(presentTrack),
		base: writeBase(album, tracks),
		addable,
		filesOnTheirWay
	};
}

function pickShown(kept: ShownAlbumRow['kept_change']): Partial<Album> {
	if (!kept) return {};
	const { title, description, year } = kept;
	const said = Object.entries({ title, description, year });
	return Object.fromEntries(said.filter(([, value]) => value !== undefined));
}

/** The albums of an artist in which everybody finds something to hear, by title. */
export async function listAlbumsOf({ db }: Reader, did: string): Promise<Album[]> {
	const rows = await findAlbumsOf(db, did, false);
	return rows.map((row) => presentAlbum(row, false));
}

/** The viewer's own albums, those without tracks too. @throws DomainError 401 */
export async function listOwnAlbums(ctx: Reader, viewer: Viewer | null): Promise<Album[]> {
	if (!viewer) throw signInRequired();
	const rows = await findAlbumsOf(ctx.db, viewer.did, true);
	return rows.map((row) => presentAlbum(row, true));
}

/**
 * Which album of the viewer's own is at an address, or was before it was renamed.
 * @throws DomainError 404, 403 `not_your_album`
 */
export async function ownAlbumAt(
	ctx: Reader,
	viewer: Viewer,
	handle: string,
	slug: string
): Promise<{ id: string; slug: string; artist: { handle: string } }> {
	const { did, handle: current } = await artistOf(ctx, handle);
	if (!isSlug(slug)) throw albumNotFound();
	const at = (wanted: string) => findAlbumAt(ctx.db, did, wanted, true);
	const moved = async () => (await findMovedSlug(ctx.db, did, slug)) ?? '';
	const album = (await at(slug)) ?? (await at(await moved()));
	if (!album) throw albumNotFound();
	await ownAlbum(ctx, viewer, album.id);
	return { id: album.id, slug: album.slug, artist: { handle: current } };
}

/**
 * An album by its id, as everybody sees it.
 * @throws DomainError 404, also when nobody but its artist sees a track in it
 */
export async function getPublicAlbum(
	ctx: Reader,
	id: string
): Promise<{ album: Album; tracks: Track[] }> {
	const row = isAlbumId(id) ? await findAlbumById(ctx.db, id, false) : undefined;
	if (!row || row.track_count === 0) throw albumNotFound();
	const tracks = await listAlbumTracks(ctx, id, false);
	return { album: presentAlbum(row, false), tracks: tracks.map(presentTrack) };
}
