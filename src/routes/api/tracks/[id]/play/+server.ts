import { json } from '@sveltejs/kit';
import { clientKey } from '#lib/server/http/client-address.ts';
import { LISTENER_COOKIE, setListenerCookie } from '#lib/server/http/cookies.ts';
import { readJson } from '#lib/server/http/read-json.ts';
import { api } from '#lib/server/http/respond.ts';
import { countPlay, playBody } from '#lib/server/plays/plays.ts';
import type { RequestEvent } from './$types.js';

export const trailingSlash = 'ignore';

/** Somebody, signed in or not, has listened to a track. */
export const POST = api(async (event: RequestEvent) => {
	const { cookies, locals, params, request } = event;
	// clients of the first api send nothing
	const hasBody = request.headers.has('content-type');
	const said = hasBody ? await readJson(event, playBody) : {};
	const listener = {
		viewer: locals.viewer,
		cookie: cookies.get(LISTENER_COOKIE),
		clientKey: clientKey(event)
	};
	const { body, newCookie } = await countPlay(locals.ctx, listener, params.id, said);
	if (newCookie !== undefined) setListenerCookie(cookies, locals.ctx.config, newCookie);
	return json(body);
});
