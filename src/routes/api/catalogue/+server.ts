import { json } from '@sveltejs/kit';
import { answerCatalogue } from '#lib/server/catalogue/catalogue-api.ts';
import { requireArtist } from '#lib/server/http/guards.ts';
import { api } from '#lib/server/http/respond.ts';

export const trailingSlash = 'ignore';

/** How it stands with one's own catalogue: the last check, the one under way, what needs attention. */
export const GET = api(async (event) =>
	json(await answerCatalogue(event.locals.ctx, requireArtist(event)))
);
