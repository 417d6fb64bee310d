import { redirect } from '@sveltejs/kit';
import { discardJob, openJobsOverview, retryJob } from '#lib/server/admin/jobs.ts';
import { formAction } from '#lib/server/http/form-action.ts';
import { formText } from '#lib/server/http/form-text.ts';
import { requireOperator } from '#lib/server/http/guards.ts';
import { page } from '#lib/server/http/respond.ts';
import type { Actions, PageServerLoadEvent, RequestEvent } from './$types.js';

/** How many jobs there are; with `?queue=` and `?state=` which ones. */
export const load = page(async (event: PageServerLoadEvent) => {
	requireOperator(event);
	const asked = event.url.searchParams;
	return await openJobsOverview(event.locals.ctx, {
		queue: asked.get('queue'),
		state: asked.get('state'),
		cursor: asked.get('cursor')
	});
});

const onJob = (act: typeof retryJob) =>
	formAction(async (event: RequestEvent) => {
		const { did } = requireOperator(event);
		const text = formText(await event.request.formData());
		await act(event.locals.ctx, did, text('queue'), text('id'));
		const back = new URLSearchParams({ queue: text('queue'), state: text('state') });
		redirect(303, `/admin/jobs?${back}`);
	});

export const actions = { retry: onJob(retryJob), discard: onJob(discardJob) } satisfies Actions;
