import { feedAlternates } from '#lib/server/feeds/alternates.ts';
import { describePage } from '#lib/server/http/head-tags.ts';
import { moved } from '#lib/server/http/moved.ts';
import { page } from '#lib/server/http/respond.ts';
import { getTagPage } from '#lib/server/tracks/tag-page.ts';
import { tagPath } from '#lib/tracks/tag-path.ts';
import type { PageServerLoadEvent } from './$types.js';

/** The newest tracks with a tag; another spelling of it leads to the one that is kept. */
export const load = page(async (event: PageServerLoadEvent) => {
	const { locals, params, url } = event;
	const cursor = url.searchParams.get('cursor') || undefined;
	const found = await getTagPage(locals.ctx, locals.viewer, params.tag, { cursor });
	if ('movedTo' in found) moved(event, found.movedTo + url.search);
	const isFirstPage = cursor === undefined;
	const path = tagPath(found.tag);
	describePage(event, {
		path,
		description: `the newest music tagged ${found.tag} on ${locals.ctx.config.appName}`,
		alternates: feedAlternates(path, `#${found.tag}`),
		// a later page is found through the first one
		isHidden: !isFirstPage
	});
	return { ...found, isFirstPage };
});
