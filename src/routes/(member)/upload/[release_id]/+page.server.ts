import type { Actions } from '@sveltejs/kit';
import { isOpen } from '#lib/releases/is-open.ts';
import { withoutTracks } from '#lib/releases/release-change.ts';
import { askForAlbums } from '#lib/server/http/album-form-action.ts';
import { requireArtistPage } from '#lib/server/http/guards.ts';
import { askToDiscard, onRelease } from '#lib/server/http/release-actions.ts';
import { page } from '#lib/server/http/respond.ts';
import { changeRelease } from '#lib/server/releases/change-release.ts';
import { discardRelease, removeFromRelease } from '#lib/server/releases/discard-release.ts';
import { publishRelease } from '#lib/server/releases/publish-release.ts';
import { getRelease } from '#lib/server/releases/releases.ts';
import type { PageServerLoadEvent } from './$types.js';

/** A release, to be looked through before it is published. */
export const load = page(async (event: PageServerLoadEvent) => {
	const { ctx } = event.locals;
	const release = await getRelease(ctx, requireArtistPage(event), event.params.release_id);
	return { release, maxBytes: ctx.config.maxUploadBytes };
});

export const actions = {
	save: onRelease(async ({ ctx, viewer, id, change }) => {
		await changeRelease(ctx, viewer, id, change);
		return `/upload/${id}?saved=yes`;
	}),
	publish: onRelease(async ({ ctx, viewer, id, release, change, form }) => {
		// a box that is not ticked is not sent
		const said = { ...change, rights_confirmed: form.has('rights') };
		if (form.has('now')) said.release_at = null;
		// somebody who presses the button twice has what they wanted
		if (!isOpen(release)) await changeRelease(ctx, viewer, id, said);
		const published = await publishRelease(ctx, viewer, id);
		if (!published.fields.album_title) return '/portal';
		// its tracks are published meanwhile: only the album's record waits
		return await askForAlbums(ctx, viewer, '/portal');
	}),
	discard: onRelease(async ({ ctx, viewer, id, release, form }) => {
		if (!form.has('sure') && !isOpen(release)) throw askToDiscard();
		await discardRelease(ctx, viewer, id);
		return '/upload';
	}),
	remove: onRelease(async ({ ctx, viewer, id, release, change, form }) => {
		const sent = form.get('upload_id');
		const uploadId = typeof sent === 'string' ? sent : '';
		// what was typed about the others came in the same form
		if (!isOpen(release)) await changeRelease(ctx, viewer, id, withoutTracks(change, [uploadId]));
		await removeFromRelease(ctx, viewer, id, uploadId);
		return `/upload/${id}`;
	})
} satisfies Actions;
