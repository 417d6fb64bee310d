import type { Viewer } from '#lib/auth/viewer.ts';
import type { ArtistResponse } from '#lib/artists/artist.ts';
import { type AlbumSummary, albumSummary } from '#lib/server/albums/albums-api.ts';
import { artistResponse } from '#lib/server/artists/artists.ts';
import { recordSite } from '#lib/server/atproto/records/record-site.ts';
import type { Context } from '#lib/server/context.ts';
import { withOwnLikes } from '#lib/server/likes/own-likes.ts';
import { type TrackResponse, trackResponse } from '#lib/server/tracks/track-response.ts';
import { search, type SearchRequest } from './search.ts';

/** What a search found, as the API answers it: the best first, each kind by itself. */
export interface SearchResponse {
	tracks: TrackResponse[];
	/** as `GET /api/albums/` has them */
	albums: AlbumSummary[];
	artists: ArtistResponse[];
	tags: { tag: string; track_count: number }[];
	/** for `?kind=…&cursor=`; null at the end */
	next_cursors: Record<'tracks' | 'albums' | 'artists' | 'tags', string | null>;
}

/**
 * `GET /api/search/?q=&kind=&limit=&cursor=`.
 * @throws DomainError 422 when nothing is searched for, and for a kind, limit or cursor that does not fit
 */
export async function answerSearch(
	ctx: Pick<Context, 'config' | 'db'>,
	viewer: Viewer | null,
	request: SearchRequest
): Promise<SearchResponse> {
	const found = await search(ctx, request);
	const { track, album, artist, tag } = found.kinds;
	const site = recordSite(ctx.config);
	const { tracks, albums, artists } = found.rows;
	return {
		tracks: await withOwnLikes(
			ctx,
			viewer,
			tracks.map((row) => trackResponse(site, row))
		),
		albums: albums.map((row) => albumSummary(ctx, row)),
		artists: artists.map((row) => artistResponse(ctx, row)),
		tags: tag.entries.map(({ ref, uses }) => ({ tag: ref, track_count: uses })),
		next_cursors: {
			tracks: track.nextCursor,
			albums: album.nextCursor,
			artists: artist.nextCursor,
			tags: tag.nextCursor
		}
	};
}
