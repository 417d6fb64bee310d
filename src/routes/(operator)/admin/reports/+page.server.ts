import { redirect } from '@sveltejs/kit';
import { formAction } from '#lib/server/http/form-action.ts';
import { formText } from '#lib/server/http/form-text.ts';
import { requireOperator } from '#lib/server/http/guards.ts';
import { hideSubject } from '#lib/server/http/moderation-actions.ts';
import { page } from '#lib/server/http/respond.ts';
import { dismissReports, listReported } from '#lib/server/moderation/operator-queue.ts';
import type { Actions, PageServerLoadEvent, RequestEvent } from './$types.js';

/** What people have reported, and nobody has answered. */
export const load = page(async (event: PageServerLoadEvent) => {
	requireOperator(event);
	const cursor = event.url.searchParams.get('cursor') || undefined;
	return await listReported(event.locals.ctx, cursor === undefined ? {} : { cursor });
});

export const actions = {
	hide: formAction((event: RequestEvent) => hideSubject(event, requireOperator(event).did)),
	dismiss: formAction(async (event: RequestEvent) => {
		const { did } = requireOperator(event);
		const text = formText(await event.request.formData());
		await dismissReports(event.locals.ctx, did, text('subject'));
		redirect(303, '/admin/reports');
	})
} satisfies Actions;
