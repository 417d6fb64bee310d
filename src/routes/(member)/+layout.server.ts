import { requireArtistPage, requireViewer } from '#lib/server/http/guards.ts';
import type { LayoutServerLoad } from './$types.js';

/** Where it is made, and what listeners have as well. */
const WITHOUT_PROFILE = new Set([
	'/(member)/profile/setup',
	'/(member)/liked',
	'/(member)/settings/[section]'
]);

/** The rule of this group: signed in, and with an artist profile except where none is needed. */
export const load: LayoutServerLoad = (event) => {
	if (WITHOUT_PROFILE.has(event.route.id)) requireViewer(event);
	else requireArtistPage(event);
};
