import { json } from '@sveltejs/kit';
import { z } from 'zod';
import { MAX_RELEASE_BYTES } from '#lib/server/http/body-limit.ts';
import { requireArtist } from '#lib/server/http/guards.ts';
import { readJson } from '#lib/server/http/read-json.ts';
import { api } from '#lib/server/http/respond.ts';
import { changeRelease } from '#lib/server/releases/change-release.ts';
import { discardRelease } from '#lib/server/releases/discard-release.ts';
import { getRelease } from '#lib/server/releases/releases.ts';
import type { RequestEvent } from './$types.js';

export const trailingSlash = 'ignore';

/** One release of the viewer's own. */
export const GET = api(async (event: RequestEvent) =>
	json(await getRelease(event.locals.ctx, requireArtist(event), event.params.id))
);

/** Changes what is said about it, field by field. */
export const PATCH = api(async (event: RequestEvent) => {
	const viewer = requireArtist(event);
	// what it may hold is checked field by field, in words that name the track
	const change: unknown = await readJson(event, z.object({}).passthrough(), MAX_RELEASE_BYTES);
	return json(await changeRelease(event.locals.ctx, viewer, event.params.id, change));
});

/** Removes one that is not open, with its uploads and their bytes. */
export const DELETE = api(async (event: RequestEvent) => {
	await discardRelease(event.locals.ctx, requireArtist(event), event.params.id);
	return json({ message: 'release discarded' });
});
