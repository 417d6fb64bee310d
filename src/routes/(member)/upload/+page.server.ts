import { requireArtistPage } from '#lib/server/http/guards.ts';
import { page } from '#lib/server/http/respond.ts';
import { listReleases } from '#lib/server/releases/releases.ts';
import { uploadErrorSentence } from '#lib/uploads/upload-error.ts';
import type { PageServerLoadEvent } from './$types.js';

/** Where an artist brings their files; what they brought before and have not published is there. */
export const load = page(async (event: PageServerLoadEvent) => {
	const viewer = requireArtistPage(event);
	const { ctx } = event.locals;
	return {
		did: viewer.did,
		drafts: await listReleases(ctx, viewer),
		maxBytes: ctx.config.maxUploadBytes,
		uploadError: uploadErrorSentence(event.url.searchParams.get('upload_error'))
	};
});
