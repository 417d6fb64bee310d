import { page } from '#lib/server/http/respond.ts';
import { beginSignIn } from '#lib/server/http/sign-in-flow.ts';
import type { RequestHandler } from './$types.js';

/** Sends the browser to the sign-in page of the PDS behind `handle`. */
export const GET: RequestHandler = page((event: Parameters<RequestHandler>[0]) => {
	const query = event.url.searchParams;
	return beginSignIn(event, {
		handle: query.get('handle') ?? '',
		returnTo: query.get('return_to'),
		program: query.get('program')
	});
});
