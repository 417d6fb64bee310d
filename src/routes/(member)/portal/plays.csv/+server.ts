import { requireArtistPage } from '#lib/server/http/guards.ts';
import { page } from '#lib/server/http/respond.ts';
import { getOwnPlaysCsv } from '#lib/server/plays/own-plays.ts';
import type { RequestEvent } from './$types.js';

/** The same as the page of plays, for a table program. */
export const GET = page(async (event: RequestEvent) => {
	const viewer = requireArtistPage(event);
	const track = event.url.searchParams.get('track');
	const text = await getOwnPlaysCsv(event.locals.ctx, viewer, track);
	return new Response(text, {
		headers: {
			'content-type': 'text/csv; charset=utf-8',
			'content-disposition': 'attachment; filename="plays.csv"',
			'cache-control': 'private, no-store'
		}
	});
});
