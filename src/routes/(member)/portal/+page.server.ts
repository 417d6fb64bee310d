import { type Actions, fail, redirect, type RequestEvent } from '@sveltejs/kit';
import type { ArtistViewer } from '#lib/server/http/guards.ts';
import { listOwnAlbums } from '#lib/server/albums/albums.ts';
import { listOwnAlbumDeletions } from '#lib/server/albums/delete-album.ts';
import { listProblems } from '#lib/server/catalogue/catalogue.ts';
import { DomainError } from '#lib/server/errors.ts';
import { requireArtistPage } from '#lib/server/http/guards.ts';
import { page } from '#lib/server/http/respond.ts';
import { listReleases } from '#lib/server/releases/releases.ts';
import { listOwnDeletions } from '#lib/server/tracks/delete-track.ts';
import { listOwnTracks } from '#lib/server/tracks/tracks.ts';
import { discardUpload, listOwnUnpublished, retryUpload } from '#lib/server/uploads/uploads.ts';
import type { PageServerLoadEvent } from './$types.js';

/** The others are on the page of the catalogue. */
const ATTENTION_SHOWN = 5;

/** What the artist has published and what is on its way. `?upload=` names the one it is about. */
export const load = page(async (event: PageServerLoadEvent) => {
	const viewer = requireArtistPage(event);
	const { ctx } = event.locals;
	const { searchParams } = event.url;
	const highlightedId = searchParams.get('upload');
	const [attention, uploads, drafts, albums, albumDeletions, { tracks, nextCursor }, deletions] =
		await Promise.all([
			listProblems(ctx, viewer, ATTENTION_SHOWN),
			listOwnUnpublished(ctx, viewer, highlightedId),
			listReleases(ctx, viewer),
			listOwnAlbums(ctx, viewer),
			listOwnAlbumDeletions(ctx, viewer),
			listOwnTracks(ctx, viewer, { cursor: searchParams.get('cursor') ?? undefined }),
			listOwnDeletions(ctx, viewer)
		]);
	return {
		attention,
		uploads,
		drafts,
		highlightedId,
		isAlbumGone: searchParams.has('album_gone'),
		albums,
		albumDeletions,
		tracks,
		deletions,
		nextCursor
	};
});

/** Does something to one of the viewer's uploads, or says why not. */
const onUpload = (
	act: (event: RequestEvent, viewer: ArtistViewer, id: string) => Promise<string>
) =>
	async function (event: RequestEvent) {
		const viewer = requireArtistPage(event);
		const field = (await event.request.formData()).get('upload_id');
		const id = typeof field === 'string' ? field : '';
		let next: string;
		try {
			next = await act(event, viewer, id);
		} catch (cause) {
			if (!(cause instanceof DomainError)) throw cause;
			return fail(cause.status, { message: cause.message });
		}
		redirect(303, next);
	};

export const actions = {
	retry: onUpload(async ({ locals }, viewer, id) => {
		await retryUpload(locals.ctx, viewer, id);
		return `/portal?upload=${id}`;
	}),
	discard: onUpload(async ({ locals }, viewer, id) => {
		await discardUpload(locals.ctx, viewer, id);
		return '/portal';
	})
} satisfies Actions;
