import { reportAction, reportedIn } from '#lib/server/http/report-form.ts';
import { page } from '#lib/server/http/respond.ts';
import { findReportable } from '#lib/server/moderation/reports.ts';
import { operatorOf } from '#lib/server/site/operator.ts';
import type { Actions, PageServerLoadEvent } from './$types.js';

/** Reports a track (`?track=`) or an artist (`?artist=`), signed in or not. `?thanks` when it was taken. */
export const load = page(async ({ locals: { ctx }, url }: PageServerLoadEvent) => ({
	subject: await findReportable(ctx, reportedIn(url)),
	operator: operatorOf(ctx.config),
	thanks: url.searchParams.get('thanks')
}));

export const actions = { default: page(reportAction) } satisfies Actions;
