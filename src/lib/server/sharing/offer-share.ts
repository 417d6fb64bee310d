import { blueskyPost } from '#lib/sharing/bluesky-post.ts';
import { embedCodeOf, type SharedPage, type ShareOffer } from '#lib/sharing/shared-page.ts';

/** A page with what is made of its address, so that no script of a first visit has to. */
export const offerShare = (page: SharedPage): ShareOffer => ({
	...page,
	embedCode: embedCodeOf(page),
	postUrl: blueskyPost(page)
});
