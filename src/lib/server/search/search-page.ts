import type { Viewer } from '#lib/auth/viewer.ts';
import {
	isEmptySearch,
	isSearchKind,
	oneLine,
	parseSearch,
	type SearchKind
} from '#lib/search/search-query.ts';
import type {
	FoundAlbum,
	FoundArtist,
	ResultPage,
	SearchResults
} from '#lib/search/search-results.ts';
import type { Album } from '#lib/albums/album.ts';
import type { ArtistResponse } from '#lib/artists/artist.ts';
import { presentAlbum } from '#lib/server/albums/present.ts';
import { artistResponse } from '#lib/server/artists/artists.ts';
import type { Context } from '#lib/server/context.ts';
import { withOwnLikes } from '#lib/server/likes/own-likes.ts';
import { presentTrack } from '#lib/server/tracks/present.ts';
import { type Found, type FoundRefs, search, type SearchRequest } from './search.ts';

type Reader = Pick<Context, 'config' | 'db'>;

/** What the search page shows. */
export interface SearchPage {
	/** what was typed; empty: nothing yet */
	q: string;
	/** of this kind alone */
	kind: SearchKind | null;
	results: SearchResults | null;
}

/** @throws DomainError 422 for a kind or cursor that does not fit */
export async function getSearchPage(
	ctx: Reader,
	viewer: Viewer | null,
	request: SearchRequest
): Promise<SearchPage> {
	const q = oneLine(request.q);
	const asked = request.kind ?? '';
	const kind = isSearchKind(asked) ? asked : null;
	if (isEmptySearch(parseSearch(q))) return { q, kind, results: null };
	const found = await search(ctx, { ...request, q });
	const { track, album, artist, tag } = found.kinds;
	const { tracks, albums, artists } = found.rows;
	return {
		q,
		kind,
		results: {
			tracks: pageOf(await withOwnLikes(ctx, viewer, tracks.map(presentTrack)), track),
			albums: pageOf(
				albums.map((row) => foundAlbum(presentAlbum(row, false))),
				album
			),
			artists: pageOf(
				artists.map((row) => foundArtist(artistResponse(ctx, row))),
				artist
			),
			tags: pageOf(
				tag.entries.map(({ ref, uses }) => ({ tag: ref, trackCount: uses })),
				tag
			),
			isNear: found.isNear,
			words: wordsAlone(found)
		}
	};
}

const pageOf = <Item>(items: Item[], { nextCursor }: FoundRefs): ResultPage<Item> => ({
	items,
	nextCursor
});

const foundAlbum = ({ id, slug, title, artist, thumbnailUrl, trackCount }: Album): FoundAlbum => ({
	id,
	slug,
	title,
	artist: { did: artist.did, handle: artist.handle, displayName: artist.displayName },
	imageUrl: thumbnailUrl ?? artist.avatarUrl,
	trackCount
});

const foundArtist = (artist: ArtistResponse): FoundArtist => ({
	did: artist.did,
	handle: artist.handle,
	displayName: artist.display_name,
	avatarUrl: artist.avatar_url && `${new URL(artist.avatar_url).pathname}?size=320`
});

const FEWEST_LETTERS = 3;

/** What could be searched for instead when all of it together finds nothing. */
function wordsAlone({ query, kinds }: Found): string[] {
	const hasFound = (Object.keys(kinds) as SearchKind[]).some(
		(kind) => kinds[kind].entries.length > 0
	);
	if (hasFound) return [];
	const parts = [...query.text.split(' '), ...query.filters.map(({ value }) => value)];
	const words = parts.filter((word) => word.length >= FEWEST_LETTERS);
	return parts.length > 1 ? [...new Set(words)].slice(0, 5) : [];
}
