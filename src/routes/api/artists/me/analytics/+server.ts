import { json } from '@sveltejs/kit';
import { answerAnalytics } from '#lib/server/artists/numbers.ts';
import { requireSession } from '#lib/server/http/guards.ts';
import { api } from '#lib/server/http/respond.ts';

export const trailingSlash = 'ignore';

/** The numbers of whoever is signed in. */
export const GET = api(async (event) =>
	json(await answerAnalytics(event.locals.ctx, requireSession(event).did))
);
