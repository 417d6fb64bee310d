import { albumPath } from '#lib/albums/album.ts';
import { artistPath } from '#lib/artists/artist-path.ts';
import { artistOf, findAlbum } from '#lib/server/albums/albums.ts';
import { findArtist } from '#lib/server/artists/artists.ts';
import type { Context } from '#lib/server/context.ts';
import { KeysetPage } from '#lib/server/db/keyset.ts';
import { notFound, unprocessable } from '#lib/server/errors.ts';
import { normaliseTag } from '#lib/tracks/tag.ts';
import type { Feed, FeedItem } from './feed.ts';
import { feedImageUrl, feedItem, latest } from './present.ts';
import { type FeedFilter, type FeedItemRow, findItemsOfAlbum, newestItems } from './queries.ts';

type Reader = Pick<Context, 'config' | 'db'>;

/** What the feeds are of; `cursor` as it stands in the address. */
export type FeedSubject =
	| { kind: 'site' }
	| { kind: 'artist'; handle: string }
	| { kind: 'album'; handle: string; slug: string }
	| { kind: 'tag'; tag: string };

/** A feed, or the path of its page where it is now. */
export type FeedFound = Feed | { movedTo: string };

const PAGE_SIZE = 50;

/**
 * A feed of public tracks.
 * @throws DomainError 404 for an artist, album or tag there is not; 422 for a cursor of nobody's
 */
export async function openFeed(
	ctx: Reader,
	subject: FeedSubject,
	cursor: string | null
): Promise<FeedFound> {
	switch (subject.kind) {
		case 'site':
			return await siteFeed(ctx, cursor);
		case 'artist':
			return await artistFeed(ctx, subject.handle, cursor);
		case 'album':
			return await albumFeed(ctx, subject, cursor);
		case 'tag':
			return await tagFeed(ctx, subject.tag, cursor);
	}
}

async function siteFeed(ctx: Reader, cursor: string | null): Promise<Feed> {
	const { appName, tagline } = ctx.config;
	return {
		...(await newest(ctx, {}, cursor)),
		title: `${appName} - ${tagline}`,
		description: `the newest tracks on ${appName}`,
		...placed(ctx, '/', '/')
	};
}

async function artistFeed(ctx: Reader, handle: string, cursor: string | null): Promise<Feed> {
	const { did } = await artistOf(ctx, handle);
	const artist = await findArtist(ctx, { did });
	const path = artistPath(artist);
	const name = artist.display_name;
	const feed = await newest(ctx, { artistDid: did }, cursor);
	return {
		...feed,
		title: name,
		description: artist.bio ?? `music by ${name} on ${ctx.config.appName}`,
		...placed(ctx, path, `/u/${did}/`),
		author: { name, url: ctx.config.publicUrl + path },
		imageUrl: feedImageUrl(ctx.config, imageIdOf(artist.avatar_url)),
		updatedAt: latest([feed.updatedAt, new Date(artist.updated_at)])
	};
}

/** The picture an artist's address of it names. */
const imageIdOf = (url: string | null): string | null =>
	/\/images\/([0-9a-f]{16})/.exec(url ?? '')?.[1] ?? null;

async function albumFeed(
	ctx: Reader,
	{ handle, slug }: { handle: string; slug: string },
	cursor: string | null
): Promise<FeedFound> {
	const found = await findAlbum(ctx, null, handle, slug);
	if ('movedTo' in found) return found;
	const { album } = found;
	const rows = await findItemsOfAlbum(ctx.db, album.id);
	const begin = cursor === null ? 0 : placeAfter(rows, cursor);
	const page = rows.slice(begin, begin + PAGE_SIZE);
	const items = page.map((row, index) => feedItem(ctx.config, row, begin + index + 1));
	const address = { did: album.artist_did, handle: album.artist_handle };
	const artist = { name: album.artist_name, url: ctx.config.publicUrl + artistPath(address) };
	const path = albumPath({ slug: album.slug, artist: address });
	return {
		...common(ctx, items, cursor),
		title: `${album.title} - ${album.artist_name}`,
		description: album.description ?? `${album.title}, an album by ${album.artist_name}`,
		...placed(ctx, path, `/u/${album.artist_did}/album/${album.id}/`),
		nextCursor: begin + PAGE_SIZE < rows.length ? `t${page.at(-1)?.id}` : null,
		author: artist,
		imageUrl: feedImageUrl(
			ctx.config,
			album.image_id ?? page[0]?.image_id ?? album.avatar_image_id
		),
		isOrdered: true
	};
}

/** An album's pages go on behind a track: `t` and its id. */
function placeAfter(rows: readonly FeedItemRow[], cursor: string): number {
	const id = Number(/^t(\d{1,15})$/.exec(cursor)?.[1] ?? NaN);
	if (Number.isNaN(id)) {
		throw unprocessable('cursor', 'this cursor is not one of ours. leave it out to start over');
	}
	return rows.findIndex((row) => row.id === id) + 1;
}

async function tagFeed(ctx: Reader, typed: string, cursor: string | null): Promise<FeedFound> {
	const tag = normaliseTag(typed);
	if (tag === null) throw notFound('there is no such tag', 'tag_not_found');
	const path = `/tag/${encodeURIComponent(tag)}`;
	if (tag !== typed) return { movedTo: path };
	const feed = await newest(ctx, { tag }, cursor);
	if (feed.items.length === 0 && cursor === null) {
		throw notFound('no track has this tag', 'tag_not_found');
	}
	return {
		...feed,
		title: `#${tag} - ${ctx.config.appName}`,
		description: `the newest tracks tagged ${tag} on ${ctx.config.appName}`,
		...placed(ctx, path, `${path}/`)
	};
}

type Common = Omit<Feed, 'title' | 'description' | 'pageUrl' | 'baseUrl' | 'lastingUrl'>;

async function newest(ctx: Reader, filter: FeedFilter, cursor: string | null): Promise<Common> {
	const page = KeysetPage.parse({ limit: PAGE_SIZE, cursor: cursor ?? undefined });
	const rows = await newestItems(ctx.db, page, filter).execute();
	const { items, nextCursor } = page.split(rows, (row) => ({
		createdAt: row.created_at,
		id: row.id
	}));
	const presented = items.map((row) => feedItem(ctx.config, row, null));
	return { ...common(ctx, presented, cursor), nextCursor };
}

const common = ({ config }: Reader, items: FeedItem[], cursor: string | null): Common => ({
	cursor,
	nextCursor: null,
	author: null,
	imageUrl: feedImageUrl(config, null),
	isOrdered: false,
	siteName: config.appName,
	updatedAt: latest(items.map((item) => item.updatedAt)),
	items
});

/** @param path of the page; the feed's files are beneath it */
const placed = ({ config }: Reader, path: string, lastingPath: string) => ({
	pageUrl: config.publicUrl + path,
	baseUrl: `${config.publicUrl}${path.replace(/\/$/, '')}/`,
	lastingUrl: config.publicUrl + lastingPath
});
