import { trackCount } from '#lib/albums/album.ts';
import type { ArtistResponse } from '#lib/artists/artist.ts';
import { artistPath } from '#lib/artists/artist-path.ts';
import { feedAlternates } from '#lib/server/feeds/alternates.ts';
import { cardImage, cardOfArtist } from './card.ts';
import { oembedLinks } from './oembed-links.ts';
import type { DescribedSite, PageDescription } from './page-description.ts';
import { breadcrumbs, musicGroup } from './structured-data.ts';

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

/** An artist as the API gives it. */
export const asDescribed = (
	artist: Pick<ArtistResponse, 'did' | 'handle' | 'display_name' | 'bio' | 'avatar_url'>,
	trackCount: number | null = null
): DescribedArtist => ({
	did: artist.did,
	handle: artist.handle,
	displayName: artist.display_name,
	bio: artist.bio,
	avatarUrl: artist.avatar_url,
	trackCount
});

/** The page of an artist. */
export function describeArtist(site: DescribedSite, artist: DescribedArtist): PageDescription {
	const path = artistPath(artist);
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
		image: cardImage(cardOfArtist(artist)),
		alternates: [
			{ href: `at://${artist.did}` },
			...feedAlternates(path, artist.displayName),
			...oembedLinks(site, path, artist.displayName)
		],
		properties: [['profile:username', artist.handle]],
		structured: [musicGroup(site, artist), breadcrumbs(site, [{ name: artist.displayName, path }])]
	};
}
