import { z } from 'zod';
import type { Viewer } from '#lib/auth/viewer.ts';
import { recordSite } from '#lib/server/atproto/records/record-site.ts';
import type { Context } from '#lib/server/context.ts';
import type { PageRequest } from '#lib/server/db/keyset.ts';
import type { AlbumChange } from '#lib/server/db/schema.ts';
import { withOwnLikes } from '#lib/server/likes/own-likes.ts';
import { imageUrl } from '#lib/server/tracks/present.ts';
import { type TrackResponse, trackResponse } from '#lib/server/tracks/track-response.ts';
import { artistOf, findAlbum } from './albums.ts';
import { changeAlbum, changeOfWholeOrder } from './change-album.ts';
import { createAlbum } from './create-album.ts';
import { orderOfTracks } from './fields.ts';
import { albumNotFound, ownAlbum } from './own-album.ts';
import { albumsByTitle, findAlbumById, type ShownAlbumRow } from './reading-queries.ts';
import { TitlePage } from './title-page.ts';

type Reader = Pick<Context, 'config' | 'db'>;

/** An album among others of the same artist, as the API answers it. */
export interface AlbumOfArtist {
	id: string;
	title: string;
	slug: string;
	track_count: number;
	total_plays: number;
	/** absolute: the cover, else the artist's picture */
	image_url: string | null;
}

export interface AlbumSummary extends AlbumOfArtist {
	/** display name */
	artist: string;
	artist_handle: string;
}

export interface AlbumMetadata extends AlbumSummary {
	description: string | null;
	year: number | null;
	artist_did: string;
	atproto_record_uri: string | null;
}

export interface AlbumResponse {
	metadata: AlbumMetadata;
	tracks: TrackResponse[];
}

/** Albums as the API answers them, a page at a time. */
interface AlbumPage<Item> {
	albums: Item[];
	/** for `?cursor=`; null at the end */
	next_cursor: string | null;
}

/**
 * `GET /api/albums/`: albums with something to hear, by title.
 * @throws DomainError 422 for a limit or cursor that does not fit
 */
export async function answerAlbums(
	ctx: Reader,
	request: PageRequest = {}
): Promise<AlbumPage<AlbumSummary>> {
	const page = TitlePage.parse(request);
	const { items, nextCursor } = page.split(await albumsByTitle(ctx.db, page).execute());
	return { albums: items.map((row) => albumSummary(ctx, row)), next_cursor: nextCursor };
}

/**
 * `GET /api/albums/{handle}`.
 * @throws DomainError 404 `artist_not_found`, 422 for a limit or cursor that does not fit
 */
export async function answerAlbumsOf(
	ctx: Reader,
	handle: string,
	request: PageRequest = {}
): Promise<AlbumPage<AlbumOfArtist>> {
	const { did } = await artistOf(ctx, handle);
	const page = TitlePage.parse(request);
	const { items, nextCursor } = page.split(await albumsByTitle(ctx.db, page, did).execute());
	return { albums: items.map((row) => ofArtist(ctx, row)), next_cursor: nextCursor };
}

/**
 * `GET /api/albums/{handle}/{slug}`.
 * @returns the path of the same answer when the album was renamed
 * @throws DomainError 404
 */
export async function answerAlbum(
	ctx: Reader,
	viewer: Viewer | null,
	handle: string,
	slug: string
): Promise<AlbumResponse | { movedTo: string }> {
	const found = await findAlbum(ctx, viewer, handle, slug);
	if ('movedTo' in found) {
		return { movedTo: found.movedTo.replace(/^\/u\/([^/]+)\/album\//, '/api/albums/$1/') };
	}
	const site = recordSite(ctx.config);
	const tracks = found.tracks.map((row) => trackResponse(site, row));
	return {
		metadata: metadata(ctx, found.album),
		tracks: await withOwnLikes(ctx, viewer, tracks)
	};
}

/** What `POST /api/albums` and `PATCH /api/albums/{id}` take; what is absent stays, null takes away. */
export const albumBody = z.object({
	title: z.string().optional(),
	description: z.string().nullish(),
	year: z.number().nullish(),
	image_id: z.string().nullish(),
	/** the whole album, in order */
	track_ids: orderOfTracks.optional()
});

export type AlbumBody = z.infer<typeof albumBody>;

/** `POST /api/albums`. @throws DomainError as `createAlbum` */
export async function createFromApi(
	ctx: Context,
	viewer: Viewer,
	body: AlbumBody
): Promise<AlbumMetadata> {
	const id = await createAlbum(ctx, viewer, { ...factsOf(body), order: body.track_ids });
	return await answerOne(ctx, id);
}

/** `PATCH /api/albums/{id}`. @throws DomainError as `changeAlbum` */
export async function changeFromApi(
	ctx: Context,
	viewer: Viewer,
	id: string,
	body: AlbumBody
): Promise<AlbumMetadata> {
	await ownAlbum(ctx, viewer, id);
	const order = body.track_ids ? await changeOfWholeOrder(ctx, id, body.track_ids) : {};
	await changeAlbum(ctx, viewer, id, { ...factsOf(body), ...order });
	return await answerOne(ctx, id);
}

function factsOf({ title, description, year, image_id: imageId }: AlbumBody): AlbumChange {
	const given = Object.entries({ title, description, year, imageId });
	return Object.fromEntries(given.filter(([, value]) => value !== undefined));
}

async function answerOne(ctx: Reader, id: string): Promise<AlbumMetadata> {
	const row = await findAlbumById(ctx.db, id, true);
	if (!row) throw albumNotFound();
	return metadata(ctx, row);
}

function ofArtist({ config }: Reader, row: ShownAlbumRow): AlbumOfArtist {
	const imageId = row.image_id ?? row.avatar_image_id;
	return {
		id: row.id,
		title: row.title,
		slug: row.slug,
		track_count: row.track_count,
		total_plays: row.total_plays,
		image_url: imageId === null ? null : `${config.publicUrl}${imageUrl(imageId, 1200)}`
	};
}

/** An album among those of several artists. */
export const albumSummary = (ctx: Reader, row: ShownAlbumRow): AlbumSummary => ({
	...ofArtist(ctx, row),
	artist: row.artist_name,
	artist_handle: row.artist_handle
});

const metadata = (ctx: Reader, row: ShownAlbumRow): AlbumMetadata => ({
	...albumSummary(ctx, row),
	description: row.description,
	year: row.year,
	artist_did: row.artist_did,
	atproto_record_uri: row.record_uri
});
