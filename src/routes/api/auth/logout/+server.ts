import { json } from '@sveltejs/kit';
import { endBrowserSession } from '#lib/server/http/end-session.ts';
import { requireSession } from '#lib/server/http/guards.ts';
import { api } from '#lib/server/http/respond.ts';
import type { RequestHandler } from './$types.js';

export const trailingSlash = 'ignore';

export const POST: RequestHandler = api(async (event) => {
	requireSession(event);
	await endBrowserSession(event);
	return json({ message: 'logged out successfully' });
});
