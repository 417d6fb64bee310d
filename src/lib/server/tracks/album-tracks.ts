import type { Context } from '#lib/server/context.ts';
import { type TrackRow, tracksOfAlbum } from './queries.ts';

/**
 * The tracks of an album in its order.
 * @param forArtist unlisted ones as well; what is being deleted is nobody's any more
 */
export async function listAlbumTracks(
	{ db }: Pick<Context, 'db'>,
	albumId: string,
	forArtist: boolean
): Promise<TrackRow[]> {
	const visible = forArtist ? (['public', 'unlisted'] as const) : (['public'] as const);
	return await tracksOfAlbum(db, albumId, visible).execute();
}
