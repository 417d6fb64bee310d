import type { Track } from '#lib/tracks/track.ts';
import type { SearchKind } from './search-query.ts';

/** An artist as a search shows them. */
export interface FoundArtist {
	did: string;
	handle: string;
	displayName: string;
	/** where their picture is; null: they have none */
	avatarUrl: string | null;
}

/** An album as a search shows it. */
export interface FoundAlbum {
	id: string;
	slug: string;
	title: string;
	artist: { did: string; handle: string; displayName: string };
	/** its cover, or else its artist's picture; null: there is neither */
	imageUrl: string | null;
	trackCount: number;
}

export interface FoundTag {
	tag: string;
	trackCount: number;
}

/** Some of what was found, and where its next page begins; null at the end. */
export interface ResultPage<Item> {
	items: Item[];
	nextCursor: string | null;
}

/** What a search found, as its page shows it. */
export interface SearchResults {
	tracks: ResultPage<Track>;
	albums: ResultPage<FoundAlbum>;
	artists: ResultPage<FoundArtist>;
	tags: ResultPage<FoundTag>;
	/** nothing is called that: this is the closest there is */
	isNear: boolean;
	/** words of what was typed that could be searched for alone */
	words: string[];
}

const ONE: Record<SearchKind, string> = {
	track: 'track',
	album: 'album',
	artist: 'artist',
	tag: 'tag'
};

/** "3 tracks", "1 artist"; with `hasMore` "more than 20 tracks". */
export function countedKind(kind: SearchKind, count: number, hasMore: boolean): string {
	const name = count === 1 && !hasMore ? ONE[kind] : `${ONE[kind]}s`;
	return `${hasMore ? 'more than ' : ''}${count} ${name}`;
}

/** Where a search is, or a part of it. */
export function searchPath(q: string, part: { kind?: SearchKind; cursor?: string } = {}) {
	const params = Object.entries({ q, ...part }).map(
		([name, value]) => `${name}=${encodeURIComponent(value)}`
	);
	return `/search?${params.join('&')}` as const;
}

/** A path of this site in the one form `resolve` takes: what it leads to is known where it is made. */
export type SitePath = `/track/${string}`;
export const sitePath = (path: string) => path as SitePath;
