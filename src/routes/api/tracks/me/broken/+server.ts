import { json } from '@sveltejs/kit';
import { answerBroken } from '#lib/server/catalogue/catalogue-api.ts';
import { requireSession } from '#lib/server/http/guards.ts';
import { api } from '#lib/server/http/respond.ts';

export const trailingSlash = 'ignore';

/** One's own tracks that need attention, as the last check found them. */
export const GET = api(async (event) =>
	json(await answerBroken(event.locals.ctx, requireSession(event)))
);
