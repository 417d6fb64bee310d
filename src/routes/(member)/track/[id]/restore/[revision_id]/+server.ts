import { answerForm } from '#lib/server/http/form-endpoint.ts';
import { requireArtist } from '#lib/server/http/guards.ts';
import { restoreRevision } from '#lib/server/tracks/revisions.ts';
import type { RequestEvent } from './$types.js';

/** Where the button beside an earlier version leads: back to the track, or to the reason. */
export const POST = (event: RequestEvent) => {
	const { id, revision_id: revisionId } = event.params;
	return answerForm(`/track/${Number(id)}/replace`, 'problem', async ({ locals, request }) => {
		const viewer = requireArtist(event);
		const rightsConfirmed = (await request.formData()).has('rights');
		await restoreRevision(locals.ctx, viewer, Number(id), Number(revisionId), { rightsConfirmed });
		return `/track/${Number(id)}`;
	})(event);
};
