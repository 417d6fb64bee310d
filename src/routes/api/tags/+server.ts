import { json } from '@sveltejs/kit';
import { api } from '#lib/server/http/respond.ts';
import { suggestTags } from '#lib/server/tracks/suggest-tags.ts';

export const trailingSlash = 'ignore';

/** the same for everybody, and no worse for being some minutes old */
const CACHED = { 'cache-control': 'public, max-age=300' };

/** Tags that begin like what is typed, the most used first. */
export const GET = api(async ({ locals, url: { searchParams } }) =>
	json({ tags: await suggestTags(locals.ctx, searchParams.get('q') ?? '') }, { headers: CACHED })
);
