import { FEED_FILES, FEED_TYPES, type FeedFormat } from './feed.ts';

/** A `<link rel="alternate">` of a page. */
export interface FeedAlternate {
	rel: 'alternate';
	type: string;
	title: string;
	/** a path of this site */
	href: string;
}

const NAMES: Record<FeedFormat, string> = { rss: 'rss', atom: 'atom' };

/**
 * The feeds of a page, for its head: home, an artist, an album or a tag.
 * @param path of the page, without a query
 * @param title what the feed is of: the site's name, an artist's, an album's, a tag
 */
export const feedAlternates = (path: string, title: string): FeedAlternate[] =>
	(['rss', 'atom'] as const).map((format) => ({
		rel: 'alternate',
		type: FEED_TYPES[format],
		title: `${title} (${NAMES[format]})`,
		href: `${path.replace(/\/$/, '')}/${FEED_FILES[format]}`
	}));
