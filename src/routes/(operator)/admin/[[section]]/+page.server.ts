import { discardJob, retryJob } from '#lib/server/admin/jobs.ts';
import { actOnJob } from '#lib/server/http/job-action.ts';
import { formAction } from '#lib/server/http/form-action.ts';
import { requireOperator } from '#lib/server/http/guards.ts';
import {
	hideSubject,
	leaveNotice,
	leaveReported,
	restoreSubject
} from '#lib/server/http/moderation-actions.ts';
import { openSection } from '#lib/server/http/operator-section.ts';
import { page } from '#lib/server/http/respond.ts';
import type { Actions, PageServerLoadEvent, RequestEvent } from './$types.js';

/** What whoever runs the site sees: one section at a time, the overview first. */
export const load = page(async (event: PageServerLoadEvent) => {
	requireOperator(event);
	return await openSection(event, event.params.section);
});

const byOperator = (act: (event: RequestEvent, who: string) => Promise<never>) =>
	formAction((event: RequestEvent) => act(event, requireOperator(event).did));

export const actions = {
	hide: byOperator(hideSubject),
	restore: byOperator(restoreSubject),
	dismiss: byOperator(leaveReported),
	leave: byOperator(leaveNotice),
	retry: byOperator(actOnJob(retryJob)),
	discard: byOperator(actOnJob(discardJob))
} satisfies Actions;
