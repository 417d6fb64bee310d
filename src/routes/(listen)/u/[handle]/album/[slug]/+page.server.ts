import { redirect } from '@sveltejs/kit';
import { getAlbumPage } from '#lib/server/albums/albums.ts';
import { page } from '#lib/server/http/respond.ts';
import type { PageServerLoadEvent } from './$types.js';

/** An album and its tracks; an address it had before leads to it. 404 when there is none. */
export const load = page(async ({ locals, params }: PageServerLoadEvent) => {
	const found = await getAlbumPage(locals.ctx, locals.viewer, params.handle, params.slug);
	if ('movedTo' in found) redirect(308, found.movedTo);
	return found;
});
