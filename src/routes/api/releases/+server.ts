import { json } from '@sveltejs/kit';
import { requireArtist } from '#lib/server/http/guards.ts';
import { api } from '#lib/server/http/respond.ts';
import { createRelease, listReleases } from '#lib/server/releases/releases.ts';

export const trailingSlash = 'ignore';

/** The viewer's releases that are not open yet, the newest first. */
export const GET = api(async (event) =>
	json({ releases: await listReleases(event.locals.ctx, requireArtist(event)) })
);

/** Begins an empty draft; files join it by tus with its id as `release_id`. */
export const POST = api(async (event) => {
	const id = await createRelease(event.locals.ctx, requireArtist(event));
	return json({ release_id: id }, { status: 201, headers: { location: `/api/releases/${id}` } });
});
