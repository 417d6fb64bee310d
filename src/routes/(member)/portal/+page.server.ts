import type { Actions } from '@sveltejs/kit';
import { listOwnAlbums } from '#lib/server/albums/albums.ts';
import { listOwnAlbumDeletions } from '#lib/server/albums/delete-album.ts';
import { listProblems } from '#lib/server/catalogue/catalogue.ts';
import { requireArtistPage } from '#lib/server/http/guards.ts';
import { page } from '#lib/server/http/respond.ts';
import { uploadFormAction } from '#lib/server/http/upload-form-action.ts';
import { listOwnTakedowns } from '#lib/server/moderation/takedowns.ts';
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
	const [
		attention,
		uploads,
		drafts,
		albums,
		albumDeletions,
		{ tracks, nextCursor },
		deletions,
		takedowns
	] = await Promise.all([
		listProblems(ctx, viewer, ATTENTION_SHOWN),
		listOwnUnpublished(ctx, viewer, highlightedId),
		listReleases(ctx, viewer),
		listOwnAlbums(ctx, viewer),
		listOwnAlbumDeletions(ctx, viewer),
		listOwnTracks(ctx, viewer, { cursor: searchParams.get('cursor') || undefined }),
		listOwnDeletions(ctx, viewer),
		listOwnTakedowns(ctx, viewer)
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
		takenDown: takedowns.length,
		nextCursor
	};
});

export const actions = {
	retry: uploadFormAction(async ({ locals }, viewer, id) => {
		await retryUpload(locals.ctx, viewer, id);
		return `/portal?upload=${id}`;
	}),
	discard: uploadFormAction(async ({ locals }, viewer, id) => {
		await discardUpload(locals.ctx, viewer, id);
		return '/portal';
	})
} satisfies Actions;
