import { error } from '@sveltejs/kit';
import { readPublicAvatar } from '#lib/server/artists/avatars.ts';
import { requireSession } from '#lib/server/http/guards.ts';
import { page } from '#lib/server/http/respond.ts';
import type { RequestHandler } from './$types.js';

/** The picture of the viewer's own public profile, for the form that asks whether to use it. */
export const GET: RequestHandler = page(async (event: Parameters<RequestHandler>[0]) => {
	const picture = await readPublicAvatar(event.locals.ctx, requireSession(event));
	if (!picture) error(404, 'your public profile has no picture');
	return new Response(new Uint8Array(picture.bytes), {
		headers: { 'content-type': picture.contentType, 'cache-control': 'private, max-age=300' }
	});
});
