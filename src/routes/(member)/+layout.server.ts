import { requireArtistPage, requireViewer } from '#lib/server/http/guards.ts';
import type { LayoutServerLoad } from './$types.js';

/** The rule of this group: signed in, and with an artist profile except where it is made. */
export const load: LayoutServerLoad = (event) => {
	if (event.route.id === '/(member)/profile/setup') requireViewer(event);
	else requireArtistPage(event);
};
