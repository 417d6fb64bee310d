import { albumPath } from '#lib/albums/album.ts';
import { createAlbumFromForm } from '#lib/server/albums/album-form.ts';
import { albumFormAction, askForAlbums } from '#lib/server/http/album-form-action.ts';
import { requireArtistPage } from '#lib/server/http/guards.ts';
import { page } from '#lib/server/http/respond.ts';
import type { Actions, PageServerLoadEvent } from './$types.js';

export const load = page((event: PageServerLoadEvent) => {
	requireArtistPage(event);
});

export const actions = {
	default: albumFormAction(async ({ locals }, viewer, form) => {
		const editPage = `${albumPath(await createAlbumFromForm(locals.ctx, viewer, form))}/edit`;
		return await askForAlbums(locals.ctx, viewer, editPage);
	})
} satisfies Actions;
