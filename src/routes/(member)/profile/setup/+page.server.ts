import { fail, redirect } from '@sveltejs/kit';
import { safeReturnTo } from '#lib/auth/return-to.ts';
import { setUpArtist, suggestProfile } from '#lib/server/artists/setup.ts';
import { DomainError } from '#lib/server/errors.ts';
import { requireViewer } from '#lib/server/http/guards.ts';
import { page } from '#lib/server/http/respond.ts';
import type { Actions, PageServerLoad } from './$types.js';

const destination = (url: URL) => safeReturnTo(url.searchParams.get('return_to'));

export const load: PageServerLoad = page(async (event: Parameters<PageServerLoad>[0]) => {
	const viewer = requireViewer(event);
	if (viewer.displayName !== null) redirect(303, destination(event.url));
	return { suggestion: await suggestProfile(event.locals.ctx, viewer) };
});

export const actions: Actions = {
	default: async (event) => {
		const viewer = requireViewer(event);
		const form = await event.request.formData();
		const text = (name: string) => {
			const value = form.get(name);
			return typeof value === 'string' ? value : '';
		};
		const displayName = text('display_name');
		const bio = text('bio');
		const useAvatar = text('use_avatar') === 'yes';
		try {
			await setUpArtist(event.locals.ctx, viewer, { displayName, bio, useAvatar });
		} catch (cause) {
			if (!(cause instanceof DomainError)) throw cause;
			// somebody who presses the button twice has what they wanted
			if (cause.code !== 'artist_exists') {
				return fail(cause.status, { problem: cause.message, displayName, bio, useAvatar });
			}
		}
		redirect(303, destination(event.url));
	}
};
