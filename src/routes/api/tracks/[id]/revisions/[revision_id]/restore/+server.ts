import { json } from '@sveltejs/kit';
import { requireArtist } from '#lib/server/http/guards.ts';
import { readJson } from '#lib/server/http/read-json.ts';
import { api } from '#lib/server/http/respond.ts';
import { answerRestore, restoreBody } from '#lib/server/tracks/change-api.ts';
import type { RequestEvent } from './$types.js';

export const trailingSlash = 'ignore';

/** Gives a track of one's own the audio it had before. */
export const POST = api(async (event: RequestEvent) => {
	const viewer = requireArtist(event);
	const hasBody = event.request.headers.get('content-type') !== null;
	const statement = hasBody ? await readJson(event, restoreBody) : {};
	return json(await answerRestore(event.locals.ctx, viewer, event.params, statement));
});
