import { describePage } from '#lib/server/http/head-tags.ts';
import { isDataReduced } from '#lib/server/http/own-preferences.ts';
import { page } from '#lib/server/http/respond.ts';
import { describeTrack } from '#lib/server/sharing/describe-track.ts';
import { offerShare } from '#lib/server/sharing/offer-share.ts';
import { linkedText } from '#lib/text/linked-text.ts';
import { openTrackPage } from '#lib/server/tracks/track-page.ts';
import { parseMoment } from '#lib/sharing/moment.ts';
import { sharedTrack } from '#lib/sharing/shared-page.ts';
import { trackIdIn } from '#lib/tracks/track-id.ts';
import type { PageServerLoadEvent } from './$types.js';

/** One track. 404 when there is none with this id, 410 when it was removed. */
export const load = page(async (event: PageServerLoadEvent) => {
	const { locals, params } = event;
	const shown = await openTrackPage(locals.ctx, locals.viewer, trackIdIn(params.id));
	const { track, description } = shown;
	describePage(event, describeTrack(locals.ctx.config, { ...track, description }));
	// what the player does without scripts is decided here
	const startSeconds = parseMoment(event.url.searchParams.get('t'));
	return {
		...shown,
		share: offerShare(sharedTrack(locals.ctx.config.publicUrl, track)),
		description: linkedText(description ?? ''),
		isDataReduced: isDataReduced(event),
		startSeconds
	};
});
