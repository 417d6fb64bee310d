import { json } from '@sveltejs/kit';
import { requireSession } from '#lib/server/http/guards.ts';
import { api } from '#lib/server/http/respond.ts';
import { answerLike, answerUnlike, asOfNow } from '#lib/server/likes/likes-api.ts';
import type { RequestEvent } from './$types.js';

export const trailingSlash = 'ignore';

/** Likes a track: the record is in the viewer's own repository. */
export const POST = api(async (event: RequestEvent) => {
	const { ctx } = event.locals;
	const answer = await answerLike(ctx, requireSession(event), event.params.id);
	return json(answer, { headers: await asOfNow(ctx) });
});

/** Takes the like back. */
export const DELETE = api(async (event: RequestEvent) => {
	const { ctx } = event.locals;
	const answer = await answerUnlike(ctx, requireSession(event), event.params.id);
	return json(answer, { headers: await asOfNow(ctx) });
});
