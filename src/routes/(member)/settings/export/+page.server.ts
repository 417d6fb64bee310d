import { requireViewer } from '#lib/server/http/guards.ts';
import type { PageServerLoad } from './$types.js';

/** Asks how everything of the viewer's own is to be given to them. */
export const load: PageServerLoad = (event) => {
	requireViewer(event);
};
