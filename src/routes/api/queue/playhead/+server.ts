import { json } from '@sveltejs/kit';
import { requireSession } from '#lib/server/http/guards.ts';
import { readJson } from '#lib/server/http/read-json.ts';
import { api } from '#lib/server/http/respond.ts';
import { playheadBody } from '#lib/server/queue/queue-body.ts';
import { putPlayhead } from '#lib/server/queue/queue.ts';
import type { RequestEvent } from './$types.js';

export const trailingSlash = 'ignore';

/** Says where the viewer's playback is. */
export const PUT = api(async (event: RequestEvent) => {
	const viewer = requireSession(event);
	const body = await readJson(event, playheadBody);
	return json(await putPlayhead(event.locals.ctx, viewer, body));
});
