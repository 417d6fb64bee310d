import { meetListener } from '#lib/server/http/listener-cookie.ts';
import { takeNotice } from '#lib/server/http/notice-cookie.ts';
import { preferencesOf } from '#lib/server/http/own-preferences.ts';
import type { LayoutServerLoad } from './$types.js';

/** What every page knows: who looks at it, what they have chosen, what the site is called, and what is said once. */
export const load: LayoutServerLoad = ({ cookies, locals }) => {
	meetListener({ cookies, locals });
	const { appName: name, tagline, publicUrl } = locals.ctx.config;
	const preferences = preferencesOf({ cookies, locals });
	// else browsers are led to the storage
	const servesAudio = locals.ctx.storage.backend === 'filesystem';
	const site = { name, tagline, origin: publicUrl, servesAudio };
	const notice = takeNotice({ cookies, locals });
	return { viewer: locals.viewer, site, preferences, notice };
};
