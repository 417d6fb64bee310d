/** How a feed is written. */
export type FeedFormat = 'rss' | 'atom';

/** The name at the end of a feed's address. */
export const FEED_FILES: Record<FeedFormat, string> = { rss: 'feed.xml', atom: 'feed.atom' };

export const FEED_TYPES: Record<FeedFormat, string> = {
	rss: 'application/rss+xml',
	atom: 'application/atom+xml'
};

/** Tracks in the order somebody subscribes to, without saying in which format. All addresses are absolute. */
export interface Feed {
	title: string;
	/** never empty: programs show it */
	description: string;
	/** the page it is about */
	pageUrl: string;
	/** itself without its file name, and with a slash at its end */
	baseUrl: string;
	/** its file is at the same place whatever handles and slugs become: what its guid is made of */
	lastingUrl: string;
	/** of the page of it that this is; null: the first one */
	cursor: string | null;
	nextCursor: string | null;
	/** of an artist's feeds; null: of many artists */
	author: FeedPerson | null;
	imageUrl: string;
	/** an album: the first item is its first track */
	isOrdered: boolean;
	/** who makes the site */
	siteName: string;
	updatedAt: Date;
	items: FeedItem[];
}

export interface FeedPerson {
	name: string;
	url: string;
}

/** One track of a feed. */
export interface FeedItem {
	/** at-uri: the same wherever the track is listed */
	guid: string;
	/** the same as an address of this site: an at-uri is no URI where one is asked for, as its host has colons */
	permalink: string;
	title: string;
	description: string | null;
	pageUrl: string;
	artist: FeedPerson;
	features: FeedPerson[];
	album: string | null;
	/** in an album's own feed, 1-based */
	number: number | null;
	audio: { url: string; type: string; sizeBytes: number };
	durationMs: number | null;
	isExplicit: boolean;
	imageUrl: string;
	tags: string[];
	publishedAt: Date;
	updatedAt: Date;
}

/** The address of a feed in a format, or of a later page of it. */
export function feedUrl(feed: Feed, format: FeedFormat, cursor: string | null): string {
	const address = `${feed.baseUrl}${FEED_FILES[format]}`;
	return cursor === null ? address : `${address}?cursor=${encodeURIComponent(cursor)}`;
}
