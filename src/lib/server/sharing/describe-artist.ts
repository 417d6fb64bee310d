import { trackCount } from '#lib/albums/album.ts';
import { oembedLinks } from './oembed-links.ts';
import type { DescribedSite, PageDescription } from './page-description.ts';

/** An artist, as far as those need to know who show a link to them. */
export interface DescribedArtist {
	did: string;
	handle: string;
	displayName: string;
	bio: string | null;
	/** of a picture that is kept here, from the root on or with the origin; null: there is none */
	avatarUrl: string | null;
	/** public ones; null: nobody counted */
	trackCount: number | null;
}

/** The page of an artist. */
export function describeArtist(site: DescribedSite, artist: DescribedArtist): PageDescription {
	const path = `/u/${artist.handle}`;
	const facts = [
		`@${artist.handle} on ${site.appName}`,
		...(artist.trackCount === null ? [] : [trackCount(artist.trackCount)]),
		...(artist.bio ? [artist.bio] : [])
	];
	return {
		path,
		type: 'profile',
		title: artist.displayName,
		description: facts.join(' • '),
		...(artist.avatarUrl
			? {
					image: {
						path: `${artist.avatarUrl.split('?')[0]}?size=640&format=jpeg`,
						type: 'image/jpeg',
						width: 640,
						height: 640,
						alt: `picture of ${artist.displayName}`
					}
				}
			: {}),
		alternates: [{ href: `at://${artist.did}` }, ...oembedLinks(site, path, artist.displayName)],
		properties: [['profile:username', artist.handle]]
	};
}
