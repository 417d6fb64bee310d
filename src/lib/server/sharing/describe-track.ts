import { artistPath } from '#lib/artists/artist-path.ts';
import { albumPath } from '#lib/albums/album.ts';
import { audioUrl, type Track } from '#lib/tracks/track.ts';
import { cardImage, cardOfTrack } from './card.ts';
import { oembedLinks } from './oembed-links.ts';
import type { DescribedSite, PageDescription } from './page-description.ts';
import { breadcrumbs, musicRecording } from './structured-data.ts';

/** A track with what its artist says of it, which no list carries. */
export interface DescribedTrack extends Track {
	description: string | null;
}

/** The page of a track. */
export function describeTrack(site: DescribedSite, track: DescribedTrack): PageDescription {
	const { artist, album } = track;
	const path = `/track/${track.id}`;
	const title = `${track.title} - ${artist.displayName}`;
	return {
		path,
		type: 'music.song',
		title,
		description: album ? `${artist.displayName} • ${album.title}` : artist.displayName,
		image: cardImage(cardOfTrack(track)),
		isHidden: track.isUnlisted,
		alternates: [{ href: track.recordUri }, ...oembedLinks(site, path, title)],
		properties: [
			['music:musician', artistPath(artist)],
			...(album ? [['music:album', albumPath({ slug: album.slug, artist })] as const] : []),
			...(track.durationMs === null
				? []
				: [['music:duration', String(Math.round(track.durationMs / 1000))] as const]),
			['og:audio', audioUrl(track)],
			...(site.publicUrl.startsWith('https:')
				? [['og:audio:secure_url', audioUrl(track)] as const]
				: []),
			['og:audio:type', track.contentType]
		],
		structured: [
			musicRecording(site, track),
			breadcrumbs(site, [
				{ name: artist.displayName, path: artistPath(artist) },
				...(album ? [{ name: album.title, path: albumPath({ slug: album.slug, artist }) }] : []),
				{ name: track.title, path }
			])
		]
	};
}
