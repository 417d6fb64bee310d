import type { Context } from '#lib/server/context.ts';
import { findTracksOfAlbum, type TrackRow } from './queries.ts';

/**
 * The tracks of an album in its order.
 * @param forArtist unlisted ones as well; what is being deleted is nobody's any more
 */
export async function listAlbumTracks(
	{ db }: Pick<Context, 'db'>,
	albumId: string,
	forArtist: boolean
): Promise<TrackRow[]> {
	return await findTracksOfAlbum(db, albumId, forArtist);
}
