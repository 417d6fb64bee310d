import { json } from '@sveltejs/kit';
import { requireSession } from '#lib/server/http/guards.ts';
import { api } from '#lib/server/http/respond.ts';
import { discardUpload, getUpload } from '#lib/server/uploads/uploads.ts';
import type { RequestEvent } from './$types.js';

export const trailingSlash = 'ignore';

/** The state of one upload of the viewer's own. */
export const GET = api(async (event: RequestEvent) =>
	json(await getUpload(event.locals.ctx, requireSession(event), event.params.id))
);

/** Removes an upload that is not a track, and its bytes. */
export const DELETE = api(async (event: RequestEvent) => {
	await discardUpload(event.locals.ctx, requireSession(event), event.params.id);
	return json({ message: 'upload removed' });
});
