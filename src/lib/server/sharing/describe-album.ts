import { type Album, albumPath, trackCount } from '#lib/albums/album.ts';
import { artistPath } from '#lib/artists/artist-path.ts';
import { playsInWords } from '#lib/plays/plays-in-words.ts';
import type { Track } from '#lib/tracks/track.ts';
import { feedAlternates } from '#lib/server/feeds/alternates.ts';
import { cardImage, cardOfAlbum } from './card.ts';
import { oembedLinks } from './oembed-links.ts';
import type { DescribedSite, PageDescription } from './page-description.ts';
import { breadcrumbs, musicAlbum } from './structured-data.ts';

/** Those who show a link read no more of them. */
const MAX_SONGS = 50;

/** The page of an album. */
export function describeAlbum(
	site: DescribedSite,
	album: Album,
	tracks: readonly Track[]
): PageDescription {
	const { artist } = album;
	const path = albumPath(album);
	const title = `${album.title} by ${artist.displayName}`;
	const plays = playsInWords(album.totalPlays);
	return {
		path,
		type: 'music.album',
		title,
		description: `${trackCount(album.trackCount)} • ${plays}`,
		image: cardImage(cardOfAlbum(album, tracks)),
		// a page that only its artist can open
		isHidden: tracks.every(({ isUnlisted }) => isUnlisted),
		alternates: [
			...(album.recordUri ? [{ href: album.recordUri }] : []),
			...feedAlternates(path, album.title),
			...oembedLinks(site, path, title)
		],
		properties: [
			['music:musician', artistPath(artist)],
			...tracks.slice(0, MAX_SONGS).map(({ id }) => ['music:song', `/track/${id}`] as const)
		],
		structured: [
			musicAlbum(site, album, tracks),
			breadcrumbs(site, [
				{ name: artist.displayName, path: artistPath(artist) },
				{ name: album.title, path }
			])
		]
	};
}
