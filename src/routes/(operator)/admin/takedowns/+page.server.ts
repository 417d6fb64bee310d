import { redirect } from '@sveltejs/kit';
import { formAction } from '#lib/server/http/form-action.ts';
import { formText } from '#lib/server/http/form-text.ts';
import { requireOperator } from '#lib/server/http/guards.ts';
import { hideSubject, restoreSubject } from '#lib/server/http/moderation-actions.ts';
import { page } from '#lib/server/http/respond.ts';
import { dismissNotice, listNotices } from '#lib/server/moderation/operator-queue.ts';
import { listTakedowns } from '#lib/server/moderation/takedowns.ts';
import type { Actions, PageServerLoadEvent, RequestEvent } from './$types.js';

/** What is taken down, and was; on the first page what artists say against it. */
export const load = page(async (event: PageServerLoadEvent) => {
	requireOperator(event);
	const { ctx } = event.locals;
	const cursor = event.url.searchParams.get('cursor') || undefined;
	const [taken, { notices }] = await Promise.all([
		listTakedowns(ctx, cursor === undefined ? {} : { cursor }),
		cursor === undefined ? listNotices(ctx, { limit: 100 }) : { notices: [] }
	]);
	return { ...taken, notices };
});

export const actions = {
	hide: formAction((event: RequestEvent) => hideSubject(event, requireOperator(event).did)),
	restore: formAction((event: RequestEvent) => restoreSubject(event, requireOperator(event).did)),
	dismiss: formAction(async (event: RequestEvent) => {
		const { did } = requireOperator(event);
		const text = formText(await event.request.formData());
		const id = Number(text('takedown'));
		await dismissNotice(event.locals.ctx, did, id, text('subject'));
		redirect(303, '/admin/takedowns');
	})
} satisfies Actions;
