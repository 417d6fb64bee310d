import { json, redirect, type RequestEvent } from '@sveltejs/kit';
import { answerAlbum } from '#lib/server/albums/albums-api.ts';

/** One album of an artist as JSON; an address it had before leads to it. @throws DomainError 404 */
export async function answerAlbumAt(
	{ locals }: RequestEvent,
	handle: string,
	slug: string
): Promise<Response> {
	const found = await answerAlbum(locals.ctx, locals.viewer, handle, slug);
	if ('movedTo' in found) redirect(308, found.movedTo);
	return json(found);
}
