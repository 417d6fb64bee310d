import { requireArtistPage } from '#lib/server/http/guards.ts';
import { page } from '#lib/server/http/respond.ts';
import { getOwnPlays } from '#lib/server/plays/own-plays.ts';
import type { PageServerLoadEvent } from './$types.js';

/** How often the artist's tracks were played. `?track=` is about one of them. */
export const load = page(async (event: PageServerLoadEvent) => {
	const viewer = requireArtistPage(event);
	const track = event.url.searchParams.get('track');
	return { plays: await getOwnPlays(event.locals.ctx, viewer, track) };
});
