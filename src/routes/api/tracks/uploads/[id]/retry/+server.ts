import { json } from '@sveltejs/kit';
import { requireSession } from '#lib/server/http/guards.ts';
import { api } from '#lib/server/http/respond.ts';
import { retryUpload } from '#lib/server/uploads/uploads.ts';
import type { RequestEvent } from './$types.js';

export const trailingSlash = 'ignore';

/** Lets an upload that failed or waits begin again where it stopped. */
export const POST = api(async (event: RequestEvent) =>
	json(await retryUpload(event.locals.ctx, requireSession(event), event.params.id))
);
