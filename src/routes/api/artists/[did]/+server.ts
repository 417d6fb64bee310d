import { json } from '@sveltejs/kit';
import { findArtist } from '#lib/server/artists/artists.ts';
import { api } from '#lib/server/http/respond.ts';
import type { RequestHandler } from './$types.js';

export const trailingSlash = 'ignore';

export const GET: RequestHandler = api<Parameters<RequestHandler>[0]>(async ({ locals, params }) =>
	json(await findArtist(locals.ctx, { did: params.did }))
);
