import { api } from '#lib/server/http/respond.ts';
import { getPeaks } from '#lib/server/tracks/tracks.ts';
import type { RequestEvent } from './$types.js';

/** How loud a track is from part to part, for whoever draws it: as lasting and as public as its audio. */
export const GET = api(async ({ locals: { ctx }, params }: RequestEvent) => {
	const headers = {
		'content-type': 'application/octet-stream',
		'cache-control': 'public, max-age=31536000, immutable',
		'access-control-allow-origin': '*',
		'cross-origin-resource-policy': 'cross-origin',
		'x-content-type-options': 'nosniff'
	};
	return new Response(await getPeaks(ctx, params.file_id), { headers });
});
