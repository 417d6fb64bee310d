import { json } from '@sveltejs/kit';
import { requireSession } from '#lib/server/http/guards.ts';
import { api } from '#lib/server/http/respond.ts';
import { listOwnUploads } from '#lib/server/uploads/uploads.ts';

export const trailingSlash = 'ignore';

/** The viewer's own uploads, the newest first. */
export const GET = api(async (event) =>
	json({ uploads: await listOwnUploads(event.locals.ctx, requireSession(event)) })
);
