import { getAlbumPage } from '#lib/server/albums/albums.ts';
import { embedOfAlbum } from '#lib/server/embed/embed-content.ts';
import { embed } from '#lib/server/http/answer-embed.ts';
import type { RequestEvent } from './$types.js';

/** A player of an album, for pages of others; an address it had before leads to it. */
export const GET = embed(async ({ locals: { ctx }, params }: RequestEvent) => {
	const found = await getAlbumPage(ctx, null, params.handle, params.slug);
	if (!('movedTo' in found)) return embedOfAlbum(found.album, found.tracks);
	const [, , handle, , slug] = found.movedTo.split('/');
	return { movedTo: `/embed/album/${handle}/${slug}` };
});
