import { ownAlbumAt } from '#lib/server/albums/albums.ts';
import { receiveCover } from '#lib/server/albums/receive-cover.ts';
import { signInFirstAddress } from '#lib/server/http/album-form-action.ts';
import { answerForm } from '#lib/server/http/form-endpoint.ts';
import { requireArtist } from '#lib/server/http/guards.ts';
import { DomainError } from '#lib/server/errors.ts';
import type { RequestEvent } from './$types.js';

/** Where the form for the cover goes: back to the form of the album, with the new one or the reason. */
export const POST = (event: RequestEvent) => {
	const formPage = event.url.pathname.replace(/\/cover\/?$/, '');
	return answerForm(formPage, 'cover_error', async () => {
		const { ctx } = event.locals;
		const viewer = requireArtist(event);
		const { id } = await ownAlbumAt(ctx, viewer, event.params.handle, event.params.slug);
		try {
			await receiveCover(ctx, viewer, id, event.request, { mayWait: true });
		} catch (cause) {
			const first = cause instanceof DomainError && signInFirstAddress(cause, formPage);
			if (first) return first;
			throw cause;
		}
		return `${formPage}?saved`;
	})(event);
};
