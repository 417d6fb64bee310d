import { redirect } from '@sveltejs/kit';
import { albumPath } from '#lib/albums/album.ts';
import { coverErrorSentence } from '#lib/albums/cover-error.ts';
import { saveAlbumForm } from '#lib/server/albums/album-form.ts';
import { getAlbumToEdit, ownAlbumAt } from '#lib/server/albums/albums.ts';
import { deleteAlbumAt } from '#lib/server/albums/delete-album.ts';
import { albumFormAction } from '#lib/server/http/album-form-action.ts';
import { type ArtistViewer, requireArtistPage } from '#lib/server/http/guards.ts';
import { page } from '#lib/server/http/respond.ts';
import { MAX_IMAGE_BYTES } from '#lib/server/media/images.ts';
import type { Actions, PageServerLoadEvent, RequestEvent } from './$types.js';

const albumOf = ({ locals, params }: PageServerLoadEvent | RequestEvent, viewer: ArtistViewer) =>
	ownAlbumAt(locals.ctx, viewer, params.handle, params.slug);

export const load = page(async (event: PageServerLoadEvent) => {
	const viewer = requireArtistPage(event);
	const found = await albumOf(event, viewer);
	if (found.slug !== event.params.slug) redirect(308, `${albumPath(found)}/edit`);
	return {
		...(await getAlbumToEdit(event.locals.ctx, viewer, found.id)),
		isSaved: event.url.searchParams.has('saved'),
		maxImageBytes: MAX_IMAGE_BYTES,
		coverError: coverErrorSentence(event.url.searchParams.get('cover_error'))
	};
});

export const actions = {
	save: albumFormAction(async (event: RequestEvent, viewer, form) => {
		const { id } = await albumOf(event, viewer);
		const album = await saveAlbumForm(event.locals.ctx, viewer, id, form);
		return `${albumPath(album)}/edit?saved`;
	}),
	delete: albumFormAction(async (event: RequestEvent, viewer, form) => {
		const withTracks = form.get('tracks') === 'delete';
		const was = await deleteAlbumAt(event.locals.ctx, viewer, event.params, { withTracks });
		return was ? '/portal#albums-heading' : '/portal?album_gone#albums-heading';
	})
} satisfies Actions;
