import { fail, redirect } from '@sveltejs/kit';
import { DomainError } from '#lib/server/errors.ts';
import { saveSettings } from '#lib/server/http/save-settings.ts';
import type { Actions, PageServerLoad } from './$types.js';

export const load: PageServerLoad = ({ url }) => ({ isSaved: url.searchParams.has('saved') });

export const actions: Actions = {
	default: async (event) => {
		try {
			await saveSettings(event);
		} catch (cause) {
			if (!(cause instanceof DomainError)) throw cause;
			return fail(cause.status, { problem: cause.message });
		}
		redirect(303, '/settings?saved=yes');
	}
};
