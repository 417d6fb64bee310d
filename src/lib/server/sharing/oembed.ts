import { artistPath } from '#lib/artists/artist-path.ts';
import { getAlbumPage } from '#lib/server/albums/albums.ts';
import { findArtist } from '#lib/server/artists/artists.ts';
import type { Context } from '#lib/server/context.ts';
import { DomainError, invalid, notFound } from '#lib/server/errors.ts';
import { isTakenDown } from '#lib/server/moderation/taken-down.ts';
import { getTrack } from '#lib/server/tracks/tracks.ts';
import { isDid } from '#lib/auth/handle.ts';
import { embedCode, EMBED_HEIGHTS_PX } from '#lib/sharing/embed-code.ts';
import {
	sharedAlbum,
	sharedArtist,
	sharedName,
	type SharedPage,
	sharedTrack
} from '#lib/sharing/shared-page.ts';
import { momentInAddress, parseMoment } from '#lib/sharing/moment.ts';
import { trackIdIn } from '#lib/tracks/track-id.ts';
import { type Card, cardImage, cardOfAlbum, cardOfArtist, cardOfTrack } from './card.ts';
import { asDescribed } from './describe-artist.ts';

type Reader = Pick<Context, 'config' | 'db'>;

/** What a program asks for (https://oembed.com, §2.2), as it stands in the address. */
export interface OembedRequest {
	url: string | null;
	maxwidth: string | null;
	maxheight: string | null;
}

/** How to show a page within another one, by the names of the specification. */
export type OembedAnswer = Record<string, string | number>;

const WIDTH_PX = 600;
/** Smaller than this it is no player: a link will do. */
const LEAST_WIDTH_PX = 180;
const LEAST_LIST_HEIGHT_PX = 240;
const CACHE_SECONDS = 3600;

/** A page, what is shown of it elsewhere, and whose it is. */
interface Found {
	page: SharedPage;
	card: Card;
	author: { name: string; path: string };
	kind: 'track' | 'list';
}

/**
 * How to show a page of ours within another page.
 * @throws DomainError 400 without an address, 404 for one that is not a page of a track, an album or
 *   an artist, or no longer
 */
export async function answerOembed(ctx: Reader, request: OembedRequest): Promise<OembedAnswer> {
	if (!request.url) throw invalid('url_missing', 'say which page: ?url=');
	const address = ownAddress(ctx, request.url);
	const { page, card, author, kind } = await find(ctx, address.pathname);
	const { appName, publicUrl } = ctx.config;
	const start = parseMoment(address.searchParams.get('t'));
	const embedUrl = start ? `${page.embedUrl}?t=${momentInAddress(start)}` : page.embedUrl;
	return {
		version: '1.0',
		title: page.title,
		author_name: author.name,
		author_url: publicUrl + author.path,
		provider_name: appName,
		provider_url: publicUrl,
		cache_age: CACHE_SECONDS,
		...thumbnail(publicUrl, card, request),
		...frame({ ...page, embedUrl }, kind, request)
	};
}

function ownAddress({ config }: Reader, text: string): URL {
	const address = URL.canParse(text) ? new URL(text) : null;
	if (address?.origin !== new URL(config.publicUrl).origin) throw noSuchPage();
	return address;
}

const noSuchPage = () => notFound('this is not the page of a track, an album or an artist');

async function find(ctx: Reader, pathname: string): Promise<Found> {
	try {
		const [place, name = '', below, slug = '', ...rest] = pathname
			.replace(/\/$/, '')
			.slice(1)
			.split('/')
			.map(decodeURIComponent);
		if (rest.length > 0) throw noSuchPage();
		if (place === 'track' && below === undefined) return await findTrack(ctx, name);
		if (place === 'u' && below === undefined) return await findPerson(ctx, name);
		if (place === 'u' && below === 'album') return await findAlbum(ctx, name, slug);
		throw noSuchPage();
	} catch (cause) {
		// a removed page is none to those who want to show one; and an address may be no text
		const isGone =
			cause instanceof URIError ||
			isTakenDown(cause) ||
			(cause instanceof DomainError && cause.status === 410);
		throw isGone ? noSuchPage() : cause;
	}
}

async function findTrack(ctx: Reader, id: string): Promise<Found> {
	const track = await getTrack(ctx, null, trackIdIn(id));
	const page = sharedTrack(ctx.config.publicUrl, track);
	return { page, card: cardOfTrack(track), author: authorOf(track.artist), kind: 'track' };
}

async function findAlbum(ctx: Reader, handle: string, slug: string): Promise<Found> {
	const found = await getAlbumPage(ctx, null, handle, slug);
	if ('movedTo' in found) return await find(ctx, found.movedTo);
	const { album, tracks } = found;
	const page = sharedAlbum(ctx.config.publicUrl, album);
	return { page, card: cardOfAlbum(album, tracks), author: authorOf(album.artist), kind: 'list' };
}

async function findPerson(ctx: Reader, handle: string): Promise<Found> {
	const row = await findArtist(ctx, isDid(handle) ? { did: handle } : { handle });
	const artist = asDescribed(row);
	const page = sharedArtist(ctx.config.publicUrl, artist);
	return { page, card: cardOfArtist(artist), author: authorOf(artist), kind: 'list' };
}

const authorOf = (artist: {
	did: string;
	handle: string;
	displayName: string;
}): Found['author'] => ({
	name: artist.displayName,
	path: artistPath(artist)
});

/** Left out where there is no room for it. */
function thumbnail(publicUrl: string, card: Card, request: OembedRequest): OembedAnswer {
	const { path, width, height } = cardImage(card);
	if (width > limit(request.maxwidth) || height > limit(request.maxheight)) return {};
	return { thumbnail_url: publicUrl + path, thumbnail_width: width, thumbnail_height: height };
}

function frame(page: SharedPage, kind: Found['kind'], request: OembedRequest): OembedAnswer {
	const width = Math.min(WIDTH_PX, limit(request.maxwidth));
	const room = limit(request.maxheight);
	const { track, compact, list } = EMBED_HEIGHTS_PX;
	const isCompact = room < (kind === 'track' ? track : LEAST_LIST_HEIGHT_PX);
	if (width < LEAST_WIDTH_PX || room < compact) return { type: 'link' };
	const heightPx = isCompact ? compact : kind === 'track' ? track : Math.min(list, room);
	const separator = page.embedUrl.includes('?') ? '&' : '?';
	const src = isCompact ? `${page.embedUrl}${separator}compact=1` : page.embedUrl;
	const html = embedCode({ src, title: sharedName(page), width, heightPx });
	return { type: 'rich', html, width, height: heightPx };
}

/** What is no number limits nothing. */
function limit(text: string | null): number {
	return text !== null && /^\d{1,6}$/.test(text) ? Number(text) : Infinity;
}
