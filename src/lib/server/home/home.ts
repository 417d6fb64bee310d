import type { Viewer } from '#lib/auth/viewer.ts';
import type { ShownArtist } from '#lib/artists/shown-artist.ts';
import type { Context } from '#lib/server/context.ts';
import { withOwnLikes } from '#lib/server/likes/own-likes.ts';
import { imageUrl, presentTrack } from '#lib/server/tracks/present.ts';
import { listNewestTracks, type TrackPage, trackRowsById } from '#lib/server/tracks/tracks.ts';
import type { Track } from '#lib/tracks/track.ts';
import { activeArtists, lovedTracks } from './queries.ts';

const PAGE_SIZE = 30;
const ARTISTS = 8;
const LOVED = 6;

/** What the home page shows: beside the newest tracks, on its first page, who is around. */
export interface Home extends TrackPage {
	/** what most people liked lately */
	loved: Track[];
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
	const [page, loved, artists] = await Promise.all([
		listNewestTracks(ctx, viewer, { limit: PAGE_SIZE, cursor }),
		isFirstPage ? listLoved(ctx, viewer) : [],
		isFirstPage ? activeArtists(ctx.db, ARTISTS).execute() : []
	]);
	return {
		...page,
		loved,
		isFirstPage,
		artists: artists.map((row) => ({
			did: row.did,
			handle: row.handle,
			displayName: row.display_name,
			avatarUrl: row.avatar_image_id && imageUrl(row.avatar_image_id, 320)
		}))
	};
}

async function listLoved(ctx: Pick<Context, 'db'>, viewer: Viewer | null): Promise<Track[]> {
	const ids = await lovedTracks(ctx.db, LOVED).execute();
	const rows = await trackRowsById(
		ctx,
		ids.map(({ id }) => id)
	);
	return await withOwnLikes(ctx, viewer, rows.map(presentTrack));
}
