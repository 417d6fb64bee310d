import { element, textElement, type XmlElement, xmlDocument } from '#lib/server/xml/element.ts';
import { type Feed, FEED_TYPES, type FeedItem, feedUrl } from './feed.ts';
import { podcastGuid } from './podcast-guid.ts';

const NAMESPACES = {
	'xmlns:atom': 'http://www.w3.org/2005/Atom',
	'xmlns:dc': 'http://purl.org/dc/elements/1.1/',
	'xmlns:itunes': 'http://www.itunes.com/dtds/podcast-1.0.dtd',
	'xmlns:podcast': 'https://podcastindex.org/namespace/1.0'
};

/** A feed as RSS 2.0, with what podcast programs read: the tags of itunes and of the podcast namespace. */
export const rssOf = (feed: Feed): string =>
	xmlDocument(
		element('rss', { version: '2.0', ...NAMESPACES }, element('channel', {}, ...channel(feed)))
	);

function channel(feed: Feed): (XmlElement | null)[] {
	const author = feed.author?.name ?? feed.siteName;
	return [
		textElement('title', feed.title),
		textElement('link', feed.pageUrl),
		textElement('description', feed.description),
		textElement('language', 'en'),
		textElement('generator', feed.siteName),
		textElement('lastBuildDate', feed.updatedAt.toUTCString()),
		...pageLinks(feed),
		element(
			'image',
			{},
			textElement('url', feed.imageUrl),
			textElement('title', feed.title),
			textElement('link', feed.pageUrl)
		),
		textElement('itunes:author', author),
		element('itunes:image', { href: feed.imageUrl }),
		textElement('itunes:explicit', feed.items.some((item) => item.isExplicit) ? 'true' : 'false'),
		element('itunes:category', { text: 'Music' }),
		textElement('itunes:type', feed.isOrdered ? 'serial' : 'episodic'),
		textElement('podcast:guid', podcastGuid(feed.lastingUrl)),
		textElement('podcast:medium', 'music'),
		...feed.items.map(itemElement)
	];
}

/** RFC 5005: this page, the first one when it is another, and the next one. */
function pageLinks(feed: Feed): XmlElement[] {
	const link = (rel: string, cursor: string | null) =>
		element('atom:link', { rel, type: FEED_TYPES.rss, href: feedUrl(feed, 'rss', cursor) });
	return [
		link('self', feed.cursor),
		...(feed.cursor === null ? [] : [link('first', null)]),
		...(feed.nextCursor === null ? [] : [link('next', feed.nextCursor)]),
		element('atom:link', {
			...{ rel: 'alternate', type: FEED_TYPES.atom },
			href: feedUrl(feed, 'atom', feed.cursor)
		})
	];
}

function itemElement(item: FeedItem): XmlElement {
	const { audio, description } = item;
	return element(
		'item',
		{},
		textElement('title', item.title),
		textElement('link', item.pageUrl),
		element('guid', { isPermaLink: 'false' }, item.guid),
		textElement('pubDate', item.publishedAt.toUTCString()),
		description === null ? null : textElement('description', asHtml(description)),
		element('enclosure', { url: audio.url, length: audio.sizeBytes, type: audio.type }),
		textElement('dc:creator', item.artist.name),
		...item.tags.map((tag) => textElement('category', tag)),
		textElement('itunes:title', item.title),
		textElement('itunes:author', item.artist.name),
		description === null ? null : textElement('itunes:summary', description),
		item.durationMs === null
			? null
			: textElement('itunes:duration', Math.max(1, Math.round(item.durationMs / 1000))),
		textElement('itunes:explicit', item.isExplicit ? 'true' : 'false'),
		element('itunes:image', { href: item.imageUrl }),
		textElement('itunes:episodeType', 'full'),
		item.number === null ? null : textElement('itunes:episode', item.number),
		...item.features.map((person) =>
			element('podcast:person', { role: 'guest', href: person.url }, person.name)
		)
	);
}

/** A description is HTML to whoever reads RSS: of a plain text, only its lines are markup. */
const asHtml = (text: string): string =>
	text.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;').replace(/\n/g, '<br>\n');
