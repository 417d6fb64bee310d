import { type Album, albumPath } from '#lib/albums/album.ts';
import { artistPath } from '#lib/artists/artist-path.ts';
import { machineLength } from '#lib/format.ts';
import { cleanLine, cleanLines } from '#lib/server/uploads/clean-text.ts';
import { audioUrl, type Track } from '#lib/tracks/track.ts';
import type { DescribedArtist } from './describe-artist.ts';
import type { DescribedTrack } from './describe-track.ts';
import type { DescribedSite } from './page-description.ts';

const CONTEXT = 'https://schema.org';

type Thing = Record<string, unknown>;

/** What schema.org calls a track: a recording, with what its page shows. */
export function musicRecording(site: DescribedSite, track: DescribedTrack): Thing {
	const { album, artist } = track;
	return {
		'@context': CONTEXT,
		...recording(site, track),
		...said('description', track.description && cleanLines(track.description)),
		...(track.imageUrl ? { image: `${site.publicUrl}${track.imageUrl}&format=jpeg` } : {}),
		datePublished: track.createdAt,
		byArtist: group(site, artist),
		...(album
			? {
					inAlbum: {
						'@type': 'MusicAlbum',
						name: cleanLine(album.title),
						url: site.publicUrl + albumPath({ slug: album.slug, artist })
					}
				}
			: {}),
		...(track.tags.length > 0 ? { keywords: track.tags.map(cleanLine).join(', ') } : {}),
		...(track.isExplicit ? { isFamilyFriendly: false } : {}),
		audio: {
			'@type': 'AudioObject',
			contentUrl: site.publicUrl + audioUrl(track),
			encodingFormat: track.contentType
		},
		interactionStatistic: [
			counter('ListenAction', track.playCount),
			counter('LikeAction', track.likeCount)
		]
	};
}

/** What schema.org calls an album, with its tracks in order. */
export function musicAlbum(site: DescribedSite, album: Album, tracks: readonly Track[]): Thing {
	const address = site.publicUrl + albumPath(album);
	return {
		'@context': CONTEXT,
		'@type': 'MusicAlbum',
		'@id': address,
		url: address,
		name: cleanLine(album.title),
		...said('description', album.description && cleanLines(album.description)),
		...(album.imageUrl ? { image: `${site.publicUrl}${album.imageUrl}&format=jpeg` } : {}),
		...(album.year === null ? {} : { datePublished: String(album.year).padStart(4, '0') }),
		byArtist: group(site, album.artist),
		numTracks: tracks.length,
		track: tracks.map((track) => recording(site, track)),
		interactionStatistic: [counter('ListenAction', album.totalPlays)]
	};
}

/** What schema.org calls an artist. */
export function musicGroup(site: DescribedSite, artist: DescribedArtist): Thing {
	return {
		'@context': CONTEXT,
		...group(site, artist),
		...said('description', artist.bio && cleanLines(artist.bio)),
		...(artist.avatarUrl ? { image: new URL(artist.avatarUrl, site.publicUrl).href } : {}),
		sameAs: [`https://bsky.app/profile/${artist.did}`]
	};
}

/** Where a page is: the site, the artist, perhaps an album, and the page itself. */
export function breadcrumbs(
	site: DescribedSite,
	steps: readonly { name: string; path: string }[]
): Thing {
	const all = [{ name: site.appName, path: '/' }, ...steps];
	return {
		'@context': CONTEXT,
		'@type': 'BreadcrumbList',
		itemListElement: all.map(({ name, path }, index) => ({
			'@type': 'ListItem',
			position: index + 1,
			name: cleanLine(name),
			item: site.publicUrl + path
		}))
	};
}

function recording({ publicUrl }: DescribedSite, track: Track): Thing {
	const address = `${publicUrl}/track/${track.id}`;
	return {
		'@type': 'MusicRecording',
		'@id': address,
		url: address,
		name: cleanLine(track.title),
		...(track.durationMs === null ? {} : { duration: machineLength(track.durationMs) })
	};
}

function group(
	{ publicUrl }: DescribedSite,
	artist: { did: string; handle: string; displayName: string }
) {
	const address = publicUrl + artistPath(artist);
	return {
		'@type': 'MusicGroup',
		'@id': address,
		url: address,
		name: cleanLine(artist.displayName) || artist.handle,
		alternateName: `@${artist.handle}`
	};
}

const said = (name: string, text: string | null) => (text ? { [name]: text } : {});

const counter = (action: 'ListenAction' | 'LikeAction', count: number) => ({
	'@type': 'InteractionCounter',
	interactionType: { '@type': action },
	userInteractionCount: count
});
