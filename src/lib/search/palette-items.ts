import { albumPath, trackCount } from '#lib/albums/album.ts';
import { artistPath } from '#lib/artists/artist-path.ts';
import type { ArtistResponse } from '#lib/artists/artist.ts';
import type { SearchKind } from './search-query.ts';
import { tagPath } from '#lib/tracks/tag-path.ts';
import { searchPath, type SitePath, sitePath } from './search-results.ts';

/** One line of what the palette offers; each leads somewhere. */
export interface PaletteItem {
	kind: SearchKind | 'all';
	href: SitePath;
	title: string;
	/** whose it is, or how much of it there is */
	line: string;
	imageUrl: string | null;
	isExplicit: boolean;
}

/** What of the API's answer is read. */
export interface PaletteAnswer {
	tracks: {
		id: number;
		title: string;
		artist: string;
		image_url: string | null;
		is_explicit: boolean;
	}[];
	albums: {
		slug: string;
		title: string;
		artist: string;
		artist_handle: string;
		track_count: number;
		image_url: string | null;
	}[];
	artists: Pick<ArtistResponse, 'did' | 'handle' | 'display_name' | 'avatar_url'>[];
	tags: { tag: string; track_count: number }[];
}

/** The lines of an answer, kind by kind; at the end the page of everything. */
export function paletteItems(q: string, answer: PaletteAnswer): PaletteItem[] {
	const found: PaletteItem[] = [
		...answer.tracks.map((track) => ({
			kind: 'track' as const,
			href: sitePath(`/track/${track.id}`),
			title: track.title,
			line: track.artist,
			imageUrl: pathOf(track.image_url),
			isExplicit: track.is_explicit
		})),
		...answer.albums.map((album) => ({
			kind: 'album' as const,
			href: sitePath(albumPath({ slug: album.slug, artist: { handle: album.artist_handle } })),
			title: album.title,
			line: `${album.artist} · ${trackCount(album.track_count)}`,
			imageUrl: pathOf(album.image_url),
			isExplicit: false
		})),
		...answer.artists.map((artist) => ({
			kind: 'artist' as const,
			href: sitePath(artistPath(artist)),
			title: artist.display_name,
			line: `@${artist.handle}`,
			imageUrl: pathOf(artist.avatar_url),
			isExplicit: false
		})),
		...answer.tags.map(({ tag, track_count: count }) => ({
			kind: 'tag' as const,
			href: sitePath(tagPath(tag)),
			title: tag,
			line: trackCount(count),
			imageUrl: null,
			isExplicit: false
		}))
	];
	return [...found, allOf(q, found.length)];
}

const allOf = (q: string, count: number): PaletteItem => ({
	kind: 'all',
	href: sitePath(searchPath(q)),
	title: count === 0 ? 'open the search page' : `everything for “${q}”`,
	line: '',
	imageUrl: null,
	isExplicit: false
});

/** Our own pictures, wherever this page was opened from. */
const pathOf = (url: string | null): string | null => {
	if (url === null) return null;
	const { pathname } = new URL(url);
	return `${pathname}?size=320`;
};
