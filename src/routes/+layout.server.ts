import { meetListener } from '#lib/server/http/listener-cookie.ts';
import { preferencesOf } from '#lib/server/http/own-preferences.ts';
import type { LayoutServerLoad } from './$types.js';

/** What every page knows: who looks at it, what they have chosen, and what the site is called. */
export const load: LayoutServerLoad = ({ cookies, locals }) => {
	meetListener({ cookies, locals });
	const { appName: name, tagline, publicUrl } = locals.ctx.config;
	const preferences = preferencesOf({ cookies, locals });
	// else browsers are led to the storage
	const servesAudio = locals.ctx.storage.backend === 'filesystem';
	const site = { name, tagline, origin: publicUrl, servesAudio };
	return { viewer: locals.viewer, site, preferences };
};
