import { json } from '@sveltejs/kit';
import { requireArtist } from '#lib/server/http/guards.ts';
import { api } from '#lib/server/http/respond.ts';
import { answerRestore } from '#lib/server/tracks/change-api.ts';
import type { RequestEvent } from './$types.js';

/** Gives a track of one's own the audio it had before. */
export const POST = api(async (event: RequestEvent) =>
	json(await answerRestore(event.locals.ctx, requireArtist(event), event.params))
);
