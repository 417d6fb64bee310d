import { redirect } from '@sveltejs/kit';
import { safeReturnTo } from '#lib/auth/return-to.ts';
import { mayKeepAlbums } from '#lib/server/albums/permission.ts';
import { requireViewer } from '#lib/server/http/guards.ts';
import { page } from '#lib/server/http/respond.ts';
import type { PageServerLoadEvent } from './$types.js';

/** Asks once for what a sign-in from before there were albums lacks; who has it goes on at once. */
export const load = page(async (event: PageServerLoadEvent) => {
	const viewer = requireViewer(event);
	const returnTo = safeReturnTo(event.url.searchParams.get('return_to'));
	if (await mayKeepAlbums(event.locals.ctx, viewer)) redirect(303, returnTo);
	return { handle: viewer.handle, returnTo };
});
