import { json } from '@sveltejs/kit';
import { receiveCover } from '#lib/server/albums/receive-cover.ts';
import { answerAlbumAt } from '#lib/server/http/album-answer.ts';
import { requireArtist } from '#lib/server/http/guards.ts';
import { api } from '#lib/server/http/respond.ts';
import type { RequestEvent } from './$types.js';

export const trailingSlash = 'ignore';

/** An album may be called so. */
export const GET = api((event: RequestEvent) => answerAlbumAt(event, event.params.album, 'cover'));

/** Gives an album, whose id stands in the address, its cover: a form with the field `image`, or `remove_image`. */
export const POST = api(async (event: RequestEvent) => {
	const { ctx } = event.locals;
	const viewer = requireArtist(event);
	const imageId = await receiveCover(ctx, viewer, event.params.album, event.request);
	const imageUrl = imageId === null ? null : `${ctx.config.publicUrl}/images/${imageId}`;
	return json({ image_url: imageUrl, image_id: imageId });
});
