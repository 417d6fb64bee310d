import type { ArtistProfile } from '#lib/artists/artist-profile.ts';
import type { Viewer } from '#lib/auth/viewer.ts';
import type { Context } from '#lib/server/context.ts';
import type { PageRequest } from '#lib/server/db/keyset.ts';
import { notFound } from '#lib/server/errors.ts';
import { listLikedTracks } from '#lib/server/likes/liked-tracks.ts';
import type { TrackPage } from '#lib/server/tracks/tracks.ts';
import { openArtist } from './artist-page.ts';

/** What an artist likes. */
export type LikedPage = ({ artist: ArtistProfile } & TrackPage) | { movedTo: string };

/**
 * What an artist likes, the newest like first, as everybody sees it. Who does not show it has no such
 * page, and sees as much themselves.
 * @throws DomainError 404 `artist_not_found` or `likes_not_shown`, 422 for a cursor that is none
 */
export async function getLikedPage(
	ctx: Pick<Context, 'db'>,
	viewer: Viewer | null,
	address: string,
	request: PageRequest
): Promise<LikedPage> {
	const found = await openArtist(ctx, viewer, address);
	if ('movedTo' in found) return { movedTo: `${found.movedTo}/liked` };
	const { artist, isOwn } = found;
	if (!artist.showsLikes) {
		throw notFound(
			isOwn
				? 'you do not show what you like. your profile has a switch for it'
				: 'this artist does not show what they like',
			'likes_not_shown'
		);
	}
	return { artist, ...(await listLikedTracks(ctx, viewer, artist.did, request)) };
}
