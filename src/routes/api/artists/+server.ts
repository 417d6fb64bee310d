import { json } from '@sveltejs/kit';
import { z } from 'zod';
import { createArtistFromApi } from '#lib/server/artists/profile-requests.ts';
import { requireSession } from '#lib/server/http/guards.ts';
import { readJson } from '#lib/server/http/read-json.ts';
import { api } from '#lib/server/http/respond.ts';
import type { RequestHandler } from './$types.js';

export const trailingSlash = 'ignore';

const body = z.object({
	display_name: z.string(),
	bio: z.string().nullish(),
	avatar_url: z.string().nullish()
});

export const POST: RequestHandler = api(async (event) => {
	const viewer = requireSession(event);
	const profile = await readJson(event, body);
	return json(await createArtistFromApi(event.locals.ctx, viewer, profile));
});
