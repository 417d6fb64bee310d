import { element, textElement, type XmlElement, xmlDocument } from '#lib/server/xml/element.ts';
import { type Feed, FEED_TYPES, type FeedItem, type FeedPerson, feedUrl } from './feed.ts';

/** A feed as Atom (RFC 4287). */
export const atomOf = (feed: Feed): string =>
	xmlDocument(
		element(
			'feed',
			{ xmlns: 'http://www.w3.org/2005/Atom' },
			// whatever it is served under, it is the same feed
			textElement('id', feedUrl({ ...feed, baseUrl: feed.lastingUrl }, 'atom', null)),
			textElement('title', feed.title),
			textElement('subtitle', feed.description),
			textElement('updated', feed.updatedAt.toISOString()),
			textElement('generator', feed.siteName),
			textElement('logo', feed.imageUrl),
			author(feed.author ?? { name: feed.siteName, url: feed.pageUrl }),
			element('link', { rel: 'alternate', type: 'text/html', href: feed.pageUrl }),
			...pageLinks(feed),
			...feed.items.map(entry)
		)
	);

const author = ({ name, url }: FeedPerson): XmlElement => person('author', { name, url });

const person = (role: 'author' | 'contributor', { name, url }: FeedPerson): XmlElement =>
	element(role, {}, textElement('name', name), textElement('uri', url));

function pageLinks(feed: Feed): XmlElement[] {
	const link = (rel: string, cursor: string | null) =>
		element('link', { rel, type: FEED_TYPES.atom, href: feedUrl(feed, 'atom', cursor) });
	return [
		link('self', feed.cursor),
		...(feed.cursor === null ? [] : [link('first', null)]),
		...(feed.nextCursor === null ? [] : [link('next', feed.nextCursor)])
	];
}

function entry(item: FeedItem): XmlElement {
	const { audio } = item;
	return element(
		'entry',
		{},
		textElement('id', item.permalink),
		textElement('title', item.title),
		textElement('published', item.publishedAt.toISOString()),
		textElement('updated', item.updatedAt.toISOString()),
		author(item.artist),
		...item.features.map((one) => person('contributor', one)),
		...item.tags.map((term) => element('category', { term })),
		element('link', { rel: 'alternate', type: 'text/html', href: item.pageUrl }),
		element('link', {
			...{ rel: 'enclosure', href: audio.url, type: audio.type, length: audio.sizeBytes },
			title: item.title
		}),
		element('content', { type: 'text' }, item.description ?? contentOf(item))
	);
}

const contentOf = ({ title, artist, album }: FeedItem): string =>
	album === null ? `${title} by ${artist.name}` : `${title} by ${artist.name}, from ${album}`;
