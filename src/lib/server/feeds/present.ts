import { artistPath } from '#lib/artists/artist-path.ts';
import { networkProfileUrl } from '#lib/artists/network-profile-url.ts';
import type { Config } from '#lib/server/config.ts';
import type { FeedItem, FeedPerson } from './feed.ts';
import type { FeedItemRow } from './queries.ts';

/** Where the picture of a feed or an item is: as podcast programs want it, a square jpeg of 1400 px. */
export const feedImageUrl = ({ publicUrl }: Config, imageId: string | null): string =>
	imageId === null
		? `${publicUrl}/feed-cover.png`
		: `${publicUrl}/images/${imageId}?size=1400&shape=square&format=jpeg`;

/** @param number its place in the album whose feed it is */
export function feedItem(config: Config, row: FeedItemRow, number: number | null): FeedItem {
	const { publicUrl } = config;
	const imageId = row.image_id ?? row.album_image_id ?? row.avatar_image_id;
	return {
		guid: row.record_uri,
		permalink: row.record_uri.replace(/^at:\//, `${publicUrl}/at`),
		title: row.title,
		description: row.description === '' ? null : row.description,
		pageUrl: `${publicUrl}/track/${row.id}`,
		artist: {
			name: row.artist_name,
			url: publicUrl + artistPath({ did: row.artist_did, handle: row.artist_handle })
		},
		features: row.features.map(featured),
		album: row.album_title,
		number,
		audio: {
			url: `${publicUrl}/audio/${row.file_id}`,
			type: row.content_type,
			sizeBytes: row.size_bytes
		},
		durationMs: row.duration_ms,
		isExplicit: row.is_explicit,
		imageUrl: feedImageUrl(config, imageId),
		tags: row.tags,
		publishedAt: row.created_at,
		updatedAt: latest([row.created_at, row.indexed_at])
	};
}

/** They need not be anybody here: their page is that of the network. */
const featured = (person: FeedItemRow['features'][number]): FeedPerson => ({
	name: person.displayName ?? person.handle ?? person.did,
	url: networkProfileUrl(person.did)
});

/** The latest of some moments, in whole seconds as HTTP has them; 1970 of none. */
export const latest = (moments: readonly Date[]): Date =>
	new Date(Math.floor(Math.max(0, ...moments.map(Number)) / 1000) * 1000);
