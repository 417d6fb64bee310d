import { albumPath } from '#lib/albums/album.ts';
import { audioUrl, type Track } from '#lib/tracks/track.ts';
import { oembedLinks } from './oembed-links.ts';
import type { DescribedSite, PageDescription, PageImage } from './page-description.ts';

/** The page of a track. */
export function describeTrack(site: DescribedSite, track: Track): PageDescription {
	const { artist, album } = track;
	const path = `/track/${track.id}`;
	const title = `${track.title} - ${artist.displayName}`;
	return {
		path,
		type: 'music.song',
		title,
		description: album ? `${artist.displayName} • ${album.title}` : artist.displayName,
		...(pictureOf(track) ?? {}),
		isHidden: track.isUnlisted,
		alternates: [{ href: track.recordUri }, ...oembedLinks(site, path, title)],
		properties: [
			['music:musician', `/u/${artist.handle}`],
			...(album ? [['music:album', albumPath({ slug: album.slug, artist })] as const] : []),
			...(track.durationMs === null
				? []
				: [['music:duration', String(Math.round(track.durationMs / 1000))] as const]),
			['og:audio', audioUrl(track)],
			...(site.publicUrl.startsWith('https:')
				? [['og:audio:secure_url', audioUrl(track)] as const]
				: []),
			['og:audio:type', track.contentType]
		]
	};
}

function pictureOf(track: Track): { image: PageImage } | null {
	if (!track.imageUrl) return null;
	const edge = track.imageEdgePx ?? 1200;
	return {
		image: {
			// jpeg by name: what makes previews does not always say what it reads
			path: `${track.imageUrl}&format=jpeg`,
			type: 'image/jpeg',
			width: edge,
			height: edge,
			alt: `${track.title} by ${track.artist.displayName}`
		}
	};
}
