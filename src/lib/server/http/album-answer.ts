import { json, type RequestEvent } from '@sveltejs/kit';
import { answerAlbum } from '#lib/server/albums/albums-api.ts';
import { moved } from './moved.ts';

/** One album of an artist as JSON; an address it had before leads to it. @throws DomainError 404 */
export async function answerAlbumAt(
	event: RequestEvent,
	handle: string,
	slug: string
): Promise<Response> {
	const { ctx, viewer } = event.locals;
	const found = await answerAlbum(ctx, viewer, handle, slug);
	if ('movedTo' in found) moved(event, found.movedTo);
	return json(found);
}
