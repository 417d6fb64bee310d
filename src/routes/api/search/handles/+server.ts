import { json } from '@sveltejs/kit';
import { api } from '#lib/server/http/respond.ts';
import { searchHandles } from '#lib/server/artists/search-handles.ts';

export const trailingSlash = 'ignore';

/** People whose handle or name begins or goes on like what is typed. */
export const GET = api(async ({ locals, url: { searchParams } }) =>
	json({
		results: await searchHandles(locals.ctx, {
			text: searchParams.get('q') ?? '',
			limit: searchParams.get('limit') || null
		})
	})
);
