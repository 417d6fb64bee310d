import { json } from '@sveltejs/kit';
import { requireSession } from '#lib/server/http/guards.ts';
import { readJson } from '#lib/server/http/read-json.ts';
import { api } from '#lib/server/http/respond.ts';
import { answerBatch, batchBody } from '#lib/server/likes/likes-api.ts';

export const trailingSlash = 'ignore';

/** Which of some tracks whoever is signed in likes. */
export const POST = api(async (event) => {
	const viewer = requireSession(event);
	return json(await answerBatch(event.locals.ctx, viewer, await readJson(event, batchBody)));
});
