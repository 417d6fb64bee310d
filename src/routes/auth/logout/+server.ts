import { redirect } from '@sveltejs/kit';
import { endBrowserSession } from '#lib/server/http/end-session.ts';
import type { RequestHandler } from './$types.js';

/** The sign-out button of every page. */
export const POST: RequestHandler = async (event) => {
	await endBrowserSession(event);
	redirect(303, '/');
};
