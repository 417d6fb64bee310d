import { redirect } from '@sveltejs/kit';
import { safeReturnTo } from '#lib/auth/return-to.ts';
import { mayKeepAlbums } from '#lib/server/albums/permission.ts';
import { requireViewer } from '#lib/server/http/guards.ts';
import { mayLike } from '#lib/server/likes/permission.ts';
import { page } from '#lib/server/http/respond.ts';
import type { PageServerLoadEvent } from './$types.js';

/** Asks once for what an earlier sign-in lacks; who has it goes on at once. */
export const load = page(async (event: PageServerLoadEvent) => {
	const viewer = requireViewer(event);
	const returnTo = safeReturnTo(event.url.searchParams.get('return_to'));
	const { ctx } = event.locals;
	const hasAll = (await mayKeepAlbums(ctx, viewer)) && (await mayLike(ctx, viewer.did));
	if (hasAll) redirect(303, returnTo);
	return { handle: viewer.handle, returnTo };
});
