import { getAlbumPage } from '#lib/server/albums/albums.ts';
import { describePage } from '#lib/server/http/head-tags.ts';
import { moved } from '#lib/server/http/moved.ts';
import { page } from '#lib/server/http/respond.ts';
import { describeAlbum } from '#lib/server/sharing/describe-album.ts';
import { offerShare } from '#lib/server/sharing/offer-share.ts';
import { sharedAlbum } from '#lib/sharing/shared-page.ts';
import { linkedText } from '#lib/text/linked-text.ts';
import type { PageServerLoadEvent } from './$types.js';

/** An album and its tracks; an address it had before leads to it. 404 when there is none. */
export const load = page(async (event: PageServerLoadEvent) => {
	const { locals, params } = event;
	const found = await getAlbumPage(locals.ctx, locals.viewer, params.handle, params.slug);
	if ('movedTo' in found) moved(event, found.movedTo);
	describePage(event, describeAlbum(locals.ctx.config, found.album, found.tracks));
	return {
		...found,
		share: offerShare(sharedAlbum(locals.ctx.config.publicUrl, found.album)),
		description: linkedText(found.album.description ?? '')
	};
});
