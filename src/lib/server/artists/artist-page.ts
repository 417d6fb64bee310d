import type { Album } from '#lib/albums/album.ts';
import { artistPath } from '#lib/artists/artist-path.ts';
import type { ArtistNumbers, ArtistProfile } from '#lib/artists/artist-profile.ts';
import { isDid } from '#lib/auth/handle.ts';
import type { Viewer } from '#lib/auth/viewer.ts';
import { listAlbumsOf } from '#lib/server/albums/albums.ts';
import type { Context } from '#lib/server/context.ts';
import type { PageRequest } from '#lib/server/db/keyset.ts';
import { notFound } from '#lib/server/errors.ts';
import { refuseHiddenAccount } from '#lib/server/moderation/taken-down.ts';
import { imageUrl } from '#lib/server/tracks/present.ts';
import { listNewestTracks, type TrackPage } from '#lib/server/tracks/tracks.ts';
import { linkedText } from '#lib/text/linked-text.ts';
import { findArtistRowOf } from './artists.ts';
import { getArtistNumbers } from './numbers.ts';
import type { ArtistRow } from './queries.ts';

type Reader = Pick<Context, 'db' | 'config'>;

/** An artist at an address, or where they are now. */
export type ArtistFound = { artist: ArtistProfile; isOwn: boolean } | { movedTo: string };

/**
 * Who is at the address of an artist's page: a handle, one they had before, or a did. There is one
 * address at a time that shows the page: the handle's, as long as it leads to them.
 * @throws DomainError 404 `artist_not_found`; 451 or 410 `account_taken_down`
 */
export async function openArtist(
	{ db }: Pick<Context, 'db'>,
	viewer: Viewer | null,
	address: string
): Promise<ArtistFound> {
	const row = await findArtistRowOf(db, address);
	if (!row) throw notFound('nobody here publishes music under this name', 'artist_not_found');
	if (row.is_hidden) await refuseHiddenAccount(db, row.did);
	const path = artistPath(row);
	if (path !== `/u/${address}`) {
		// somebody else may have taken the handle since
		const isTheirs = isDid(address)
			? path !== `/u/${row.did}` && (await findArtistRowOf(db, row.handle))?.did === row.did
			: true;
		if (isTheirs) return { movedTo: path };
	}
	return { artist: presentArtist(row), isOwn: viewer?.did === row.did };
}

/** The page of an artist. The albums stand on its first page only, and are null on the others. */
export type ArtistPage =
	| ({ artist: ArtistProfile; isOwn: boolean } & TrackPage & {
				numbers: ArtistNumbers;
				albums: Album[] | null;
			})
	| { movedTo: string };

/** @throws DomainError 404 `artist_not_found`, 422 for a cursor that is none */
export async function getArtistPage(
	ctx: Reader,
	viewer: Viewer | null,
	address: string,
	request: PageRequest = {}
): Promise<ArtistPage> {
	const found = await openArtist(ctx, viewer, address);
	if ('movedTo' in found) return found;
	const { did } = found.artist;
	const [tracks, numbers, albums] = await Promise.all([
		listNewestTracks(ctx, viewer, { ...request, artistDid: did }),
		getArtistNumbers(ctx, did),
		request.cursor === undefined ? listAlbumsOf(ctx, did) : null
	]);
	return { ...found, ...tracks, numbers, albums };
}

/** An artist as pages show them. */
export const presentArtist = (row: ArtistRow): ArtistProfile => ({
	did: row.did,
	handle: row.handle,
	displayName: row.display_name,
	bio: row.bio,
	bioParts: linkedText(row.bio ?? ''),
	avatarUrl: row.avatar_image_id && imageUrl(row.avatar_image_id, 320),
	showsLikes: row.shows_likes
});
