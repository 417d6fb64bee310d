import { type Album, albumPath } from '#lib/albums/album.ts';
import { artistName, artistPath } from '#lib/artists/artist-path.ts';
import type { Track } from '#lib/tracks/track.ts';
import { EMBED_HEIGHTS_PX, embedCode } from './embed-code.ts';

/** A page somebody shares. */
export interface SharedPage {
	/** whole addresses */
	url: string;
	embedUrl: string;
	title: string;
	/** who made it; null: the page is theirs */
	by: string | null;
	embedHeightPx: number;
	/** null: there is no record yet */
	recordUri: string | null;
}

/** The same with what a page without scripts shows of it. */
export interface ShareOffer extends SharedPage {
	/** what is put into another page to show its player */
	embedCode: string;
	/** where a post about it is prepared */
	postUrl: string;
}

/** The page of a track. @param origin of the site */
export const sharedTrack = (origin: string, track: Track): SharedPage => ({
	url: `${origin}/track/${track.id}`,
	embedUrl: `${origin}/embed/track/${track.id}`,
	title: track.title,
	by: track.artist.displayName,
	embedHeightPx: EMBED_HEIGHTS_PX.track,
	recordUri: track.recordUri
});

/** The page of an album. */
export const sharedAlbum = (origin: string, album: Album): SharedPage => ({
	url: origin + albumPath(album),
	embedUrl: `${origin}/embed/album/${artistName(album.artist)}/${album.slug}`,
	title: album.title,
	by: album.artist.displayName,
	embedHeightPx: EMBED_HEIGHTS_PX.list,
	recordUri: album.recordUri
});

/** The page of an artist. */
export const sharedArtist = (
	origin: string,
	artist: { did: string; handle: string; displayName: string }
): SharedPage => ({
	url: origin + artistPath(artist),
	embedUrl: `${origin}/embed/artist/${artistName(artist)}`,
	title: artist.displayName,
	by: null,
	embedHeightPx: EMBED_HEIGHTS_PX.list,
	recordUri: `at://${artist.did}`
});

/** "a song by alice" */
export const sharedName = ({ title, by }: SharedPage): string =>
	by === null ? title : `${title} by ${by}`;

/** What is put into another page to show its player. */
export const embedCodeOf = (page: SharedPage): string =>
	embedCode({
		src: page.embedUrl,
		title: sharedName(page),
		width: '100%',
		heightPx: page.embedHeightPx
	});
