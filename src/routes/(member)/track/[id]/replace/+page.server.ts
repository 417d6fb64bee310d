import { fail, redirect } from '@sveltejs/kit';
import { DomainError } from '#lib/server/errors.ts';
import { requireArtistPage } from '#lib/server/http/guards.ts';
import { page } from '#lib/server/http/respond.ts';
import { getOwnTrack } from '#lib/server/tracks/own-track.ts';
import { listRevisions } from '#lib/server/tracks/revisions.ts';
import { receiveMultipart } from '#lib/server/uploads/receive-multipart.ts';
import { replacementUnderWay } from '#lib/server/uploads/replaced-track.ts';
import { trackIdIn } from '#lib/tracks/track-id.ts';
import type { Actions, PageServerLoadEvent, RequestEvent } from './$types.js';

/** New audio for one's own track, and the audio it had before. */
export const load = page(async (event: PageServerLoadEvent) => {
	const viewer = requireArtistPage(event);
	const { ctx } = event.locals;
	const id = trackIdIn(event.params.id);
	const track = await getOwnTrack(ctx, viewer, id, 'edit');
	const revisions = await listRevisions(ctx, viewer, id);
	const upload = await replacementUnderWay(ctx, viewer, id);
	return { track, revisions, upload, maxUploadBytes: ctx.config.maxUploadBytes };
});

export const actions = {
	default: page(async (event: RequestEvent) => {
		const viewer = requireArtistPage(event);
		const { ctx } = event.locals;
		const id = trackIdIn(event.params.id);
		try {
			const upload = await receiveMultipart(ctx, viewer, event.request, {
				replacesTrackId: id
			});
			redirect(303, `/portal?upload=${upload.id}`);
		} catch (cause) {
			if (!(cause instanceof DomainError)) throw cause;
			return fail(cause.status, { message: cause.message });
		}
	})
} satisfies Actions;
