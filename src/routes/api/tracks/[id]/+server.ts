import { json } from '@sveltejs/kit';
import { requireArtist } from '#lib/server/http/guards.ts';
import { readJson } from '#lib/server/http/read-json.ts';
import { api } from '#lib/server/http/respond.ts';
import {
	answerChange,
	answerDeletion,
	changeBody,
	changeFromForm,
	changeFromJson
} from '#lib/server/tracks/change-api.ts';
import { answerTrack } from '#lib/server/tracks/tracks-api.ts';
import type { RequestEvent } from './$types.js';

export const trailingSlash = 'ignore';

/** One track. */
export const GET = api(async ({ locals, params }: RequestEvent) =>
	json(await answerTrack(locals.ctx, locals.viewer, params.id))
);

/** Changes a track of one's own: as JSON, or as a form that brings artwork along. */
export const PATCH = api(async (event: RequestEvent) => {
	const viewer = requireArtist(event);
	const { ctx } = event.locals;
	const { id } = event.params;
	const isForm = /^multipart\//i.test(event.request.headers.get('content-type') ?? '');
	const change = isForm
		? await changeFromForm(ctx, viewer, id, event.request)
		: changeFromJson(await readJson(event, changeBody));
	return json(await answerChange(ctx, viewer, id, change));
});

/** Deletes a track of one's own. */
export const DELETE = api(async (event: RequestEvent) =>
	json(await answerDeletion(event.locals.ctx, requireArtist(event), event.params.id))
);
