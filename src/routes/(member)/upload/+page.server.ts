import { requireArtistPage } from '#lib/server/http/guards.ts';
import { page } from '#lib/server/http/respond.ts';
import { trackFormAction } from '#lib/server/http/track-form-action.ts';
import { listInterrupted, listReleases } from '#lib/server/releases/releases.ts';
import type { Actions, PageServerLoadEvent, RequestEvent } from './$types.js';

/** Where an artist brings their files; what they brought before and is not published, or not all here, is there. */
export const load = page(async (event: PageServerLoadEvent) => {
	const viewer = requireArtistPage(event);
	const { ctx } = event.locals;
	return {
		did: viewer.did,
		drafts: [...(await listInterrupted(ctx, viewer)), ...(await listReleases(ctx, viewer))],
		maxBytes: ctx.config.maxUploadBytes
	};
});

/** The form of one track, for browsers without scripts. */
export const actions = {
	default: page(async (event: RequestEvent) => trackFormAction(event, requireArtistPage(event)))
} satisfies Actions;
