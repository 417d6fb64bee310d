import { json } from '@sveltejs/kit';
import { requireSession } from '#lib/server/http/guards.ts';
import { api } from '#lib/server/http/respond.ts';
import type { RequestHandler } from './$types.js';

export const trailingSlash = 'ignore';

export const GET: RequestHandler = api((event) => {
	const { did, handle } = requireSession(event);
	return json({ did, handle });
});
