import { type Album, albumPath, trackCount } from '#lib/albums/album.ts';
import type { Track } from '#lib/tracks/track.ts';
import { oembedLinks } from './oembed-links.ts';
import type { DescribedSite, PageDescription } from './page-description.ts';

/** The page of an album. */
export function describeAlbum(
	site: DescribedSite,
	album: Album,
	tracks: readonly Track[]
): PageDescription {
	const { artist } = album;
	const path = albumPath(album);
	const title = `${album.title} by ${artist.displayName}`;
	const plays = album.totalPlays === 1 ? '1 play' : `${album.totalPlays} plays`;
	const cover = album.imageUrl ?? artist.avatarUrl;
	return {
		path,
		type: 'music.album',
		title,
		description: `${trackCount(album.trackCount)} • ${plays}`,
		...(cover
			? {
					image: {
						path: `${cover}&format=jpeg`,
						type: 'image/jpeg',
						width: 1200,
						height: 1200,
						alt: title
					}
				}
			: {}),
		// a page that only its artist can open
		isHidden: tracks.every(({ isUnlisted }) => isUnlisted),
		alternates: [
			...(album.recordUri ? [{ href: album.recordUri }] : []),
			...oembedLinks(site, path, title)
		],
		properties: [
			['music:musician', `/u/${artist.handle}`],
			...tracks.map(({ id }) => ['music:song', `/track/${id}`] as const)
		]
	};
}
