import type { Viewer } from '#lib/auth/viewer.ts';
import type { ShownArtist } from '#lib/artists/shown-artist.ts';
import type { Context } from '#lib/server/context.ts';
import { builtOnce } from '#lib/server/db/built-once.ts';
import type { Db } from '#lib/server/db/connect.ts';
import { imageUrl } from '#lib/server/tracks/present.ts';
import { listNewestBesideOthers, type TrackPage } from '#lib/server/tracks/tracks.ts';
import type { Track } from '#lib/tracks/track.ts';
import { activeArtists, lovedTracks } from './queries.ts';

const PAGE_SIZE = 30;
const ARTISTS = 8;
const LOVED = 6;

const readActiveArtists = builtOnce((db: Db) => activeArtists(db, ARTISTS));
const readLovedTracks = builtOnce((db: Db) => lovedTracks(db, LOVED));

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
	const page = { limit: PAGE_SIZE, cursor };
	const [{ others, ...newest }, artists] = await Promise.all([
		listNewestBesideOthers(ctx, viewer, page, () =>
			isFirstPage ? lovedIds(ctx) : Promise.resolve([])
		),
		isFirstPage ? readActiveArtists(ctx.db) : []
	]);
	return {
		...newest,
		loved: others,
		isFirstPage,
		artists: artists.map((row) => ({
			did: row.did,
			handle: row.handle,
			displayName: row.display_name,
			avatarUrl: row.avatar_image_id && imageUrl(row.avatar_image_id, 320)
		}))
	};
}

const lovedIds = async ({ db }: Pick<Context, 'db'>): Promise<number[]> =>
	(await readLovedTracks(db)).map(({ id }) => id);
