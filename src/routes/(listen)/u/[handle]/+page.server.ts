import { getArtistPage } from '#lib/server/artists/artist-page.ts';
import { describePage } from '#lib/server/http/head-tags.ts';
import { moved } from '#lib/server/http/moved.ts';
import { page } from '#lib/server/http/respond.ts';
import { describeArtist } from '#lib/server/sharing/describe-artist.ts';
import { offerShare } from '#lib/server/sharing/offer-share.ts';
import { sharedArtist } from '#lib/sharing/shared-page.ts';
import type { PageServerLoadEvent } from './$types.js';

/**
 * An artist, their albums and their newest tracks; `?cursor=` goes on where an earlier page ended.
 * A did, and a handle they had before, lead to the present handle. 404 when there is nobody.
 */
export const load = page(async (event: PageServerLoadEvent) => {
	const { locals, params, url } = event;
	const cursor = url.searchParams.get('cursor') || undefined;
	const found = await getArtistPage(locals.ctx, locals.viewer, params.handle, { cursor });
	if ('movedTo' in found) moved(event, found.movedTo + url.search);
	const isFirstPage = cursor === undefined;
	const { trackCount } = found.numbers;
	const described = describeArtist(locals.ctx.config, { ...found.artist, trackCount });
	// a later page is found through the first one
	describePage(event, { ...described, isHidden: !isFirstPage });
	const share = offerShare(sharedArtist(locals.ctx.config.publicUrl, found.artist));
	return { ...found, share, isFirstPage };
});
