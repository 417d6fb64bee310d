import type { Viewer } from '#lib/auth/viewer.ts';
import type { ShownArtist } from '#lib/artists/shown-artist.ts';
import type { Context } from '#lib/server/context.ts';
import { imageUrl } from '#lib/server/tracks/present.ts';
import { listNewestTracks, type TrackPage } from '#lib/server/tracks/tracks.ts';
import { activeArtists } from './queries.ts';

const PAGE_SIZE = 30;
const ARTISTS = 8;

/** What the home page shows: beside the newest tracks, on its first page, who is around. */
export interface Home extends TrackPage {
	artists: ShownArtist[];
	isFirstPage: boolean;
}

/**
 * The home page.
 * @param cursor where an earlier page ended
 * @throws DomainError 422 for a cursor that is none
 */
export async function openHome(
	ctx: Pick<Context, 'db'>,
	viewer: Viewer | null,
	cursor: string | undefined
): Promise<Home> {
	const isFirstPage = cursor === undefined;
	const [page, artists] = await Promise.all([
		listNewestTracks(ctx, viewer, { limit: PAGE_SIZE, cursor }),
		isFirstPage ? activeArtists(ctx.db, ARTISTS).execute() : []
	]);
	return {
		...page,
		isFirstPage,
		artists: artists.map((row) => ({
			did: row.did,
			handle: row.handle,
			displayName: row.display_name,
			avatarUrl: row.avatar_image_id && imageUrl(row.avatar_image_id, 320)
		}))
	};
}
