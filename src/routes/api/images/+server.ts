import { json } from '@sveltejs/kit';
import { requireArtist } from '#lib/server/http/guards.ts';
import { api } from '#lib/server/http/respond.ts';
import { receiveImage } from '#lib/server/uploads/receive-image.ts';

export const trailingSlash = 'ignore';

/** Keeps a picture, sent as the body; `image_id` is what an upload refers to it by. */
export const POST = api(async (event) => {
	requireArtist(event);
	return json({ image_id: await receiveImage(event.locals.ctx, event.request) }, { status: 201 });
});
