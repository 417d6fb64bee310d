import { json } from '@sveltejs/kit';
import { requireArtist } from '#lib/server/http/guards.ts';
import { api } from '#lib/server/http/respond.ts';
import { publishRelease } from '#lib/server/releases/publish-release.ts';
import type { RequestEvent } from './$types.js';

export const trailingSlash = 'ignore';

/** Publishes a release, at once or at its time. */
export const POST = api(async (event: RequestEvent) =>
	json(await publishRelease(event.locals.ctx, requireArtist(event), event.params.id))
);
