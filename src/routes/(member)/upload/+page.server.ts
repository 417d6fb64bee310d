import { requireArtistPage } from '#lib/server/http/guards.ts';
import { page } from '#lib/server/http/respond.ts';
import { trackFormAction } from '#lib/server/http/track-form-action.ts';
import { listReleases } from '#lib/server/releases/releases.ts';
import type { Actions, PageServerLoadEvent, RequestEvent } from './$types.js';

/** Where an artist brings their files; what they brought before and have not published is there. */
export const load = page(async (event: PageServerLoadEvent) => {
	const viewer = requireArtistPage(event);
	const { ctx } = event.locals;
	return {
		did: viewer.did,
		drafts: await listReleases(ctx, viewer),
		maxBytes: ctx.config.maxUploadBytes
	};
});

/** The form of one track, for browsers without scripts. */
export const actions = {
	default: page(async (event: RequestEvent) => trackFormAction(event, requireArtistPage(event)))
} satisfies Actions;
