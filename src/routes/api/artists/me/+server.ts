import { json } from '@sveltejs/kit';
import { z } from 'zod';
import { findOwnArtist } from '#lib/server/artists/artists.ts';
import { updateArtistFromApi } from '#lib/server/artists/profile-requests.ts';
import { requireSession } from '#lib/server/http/guards.ts';
import { readJson } from '#lib/server/http/read-json.ts';
import { api } from '#lib/server/http/respond.ts';
import type { RequestHandler } from './$types.js';

export const trailingSlash = 'ignore';

const body = z.object({
	display_name: z.string().nullish(),
	bio: z.string().nullish(),
	avatar_url: z.string().nullish()
});

export const GET: RequestHandler = api(async (event) =>
	json(await findOwnArtist(event.locals.ctx, requireSession(event)))
);

export const PUT: RequestHandler = api(async (event) => {
	const viewer = requireSession(event);
	const change = await readJson(event, body);
	return json(await updateArtistFromApi(event.locals.ctx, viewer, change));
});
