import { json } from '@sveltejs/kit';
import { answerRestoreRecord } from '#lib/server/catalogue/catalogue-api.ts';
import { requireArtist } from '#lib/server/http/guards.ts';
import { api } from '#lib/server/http/respond.ts';
import type { RequestEvent } from './$types.js';

export const trailingSlash = 'ignore';

/** Takes the record of a track of one's own as it is, or writes it again when it is gone. */
export const POST = api(async (event: RequestEvent) =>
	json(await answerRestoreRecord(event.locals.ctx, requireArtist(event), event.params.id))
);
