import { json } from '@sveltejs/kit';
import { answerCheck } from '#lib/server/catalogue/catalogue-api.ts';
import { requireArtist } from '#lib/server/http/guards.ts';
import { api } from '#lib/server/http/respond.ts';

export const trailingSlash = 'ignore';

/** Has all records, rows and objects of one's own compared, by a job. */
export const POST = api(async (event) =>
	json(await answerCheck(event.locals.ctx, requireArtist(event)), { status: 202 })
);
