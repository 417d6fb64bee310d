import type { ServerLoadEvent } from '@sveltejs/kit';
import { openJobsOverview } from '#lib/server/admin/jobs.ts';
import { openOverview } from '#lib/server/admin/overview.ts';
import { listUploadsOfAll } from '#lib/server/admin/uploads.ts';
import type { Context } from '#lib/server/context.ts';
import { notFound } from '#lib/server/errors.ts';
import { listActions, listNotices, listReported } from '#lib/server/moderation/operator-queue.ts';
import { listTakedowns } from '#lib/server/moderation/takedowns.ts';

/** As many objections as anybody answers at a time. */
const NOTICES = 100;

/**
 * What is on a page of whoever runs the site: all of them are one route, as every route is named in what
 * every listener loads.
 * @param section undefined: the overview
 * @throws DomainError 404 for one there is not, 422 for a cursor that is none
 */
export async function openSection(
	{ locals: { ctx }, url }: Pick<ServerLoadEvent, 'locals' | 'url'>,
	section: string | undefined
) {
	const asked = (name: string) => url.searchParams.get(name);
	const cursor = asked('cursor') || undefined;
	const request = cursor === undefined ? {} : { cursor };
	switch (section) {
		case undefined:
			return { section: 'overview' as const, shown: await openOverview(ctx) };
		case 'reports':
			return { section, shown: await listReported(ctx, request) };
		case 'takedowns':
			return { section, shown: await openTakedowns(ctx, cursor) };
		case 'jobs': {
			const which = { queue: asked('queue'), state: asked('state'), cursor: asked('cursor') };
			return { section, shown: await openJobsOverview(ctx, which) };
		}
		case 'uploads':
			return { section, shown: await listUploadsOfAll(ctx, cursor) };
		case 'log':
			return { section, shown: await listActions(ctx, request) };
		default:
			throw notFound('there is nothing here');
	}
}

/** What is taken down, and was; on the first page what artists say against it. */
async function openTakedowns(ctx: Context, cursor: string | undefined) {
	const [taken, { notices }] = await Promise.all([
		listTakedowns(ctx, cursor === undefined ? {} : { cursor }),
		cursor === undefined ? listNotices(ctx, { limit: NOTICES }) : { notices: [] }
	]);
	return { ...taken, notices };
}
