import { redirect } from '@sveltejs/kit';
import { formText } from '#lib/server/http/form-text.ts';
import { requireArtistPage } from '#lib/server/http/guards.ts';
import { formAction } from '#lib/server/http/form-action.ts';
import { page } from '#lib/server/http/respond.ts';
import { object } from '#lib/server/moderation/counter-notices.ts';
import { listOwnTakedowns } from '#lib/server/moderation/takedowns.ts';
import { operatorOf } from '#lib/server/site/operator.ts';
import type { Actions, PageServerLoadEvent, RequestEvent } from './$types.js';

/** What of one's own was taken down, why, and what one says to it. `?sent` when that was taken. */
export const load = page(async (event: PageServerLoadEvent) => {
	const viewer = requireArtistPage(event);
	const { ctx } = event.locals;
	return {
		takedowns: await listOwnTakedowns(ctx, viewer),
		operator: operatorOf(ctx.config),
		isSent: event.url.searchParams.has('sent')
	};
});

export const actions = {
	object: formAction(async (event: RequestEvent) => {
		const viewer = requireArtistPage(event);
		const text = formText(await event.request.formData());
		const fields = { statement: text('statement'), contact: text('contact') };
		await object(event.locals.ctx, viewer, Number(text('takedown')), fields);
		redirect(303, '/portal/takedowns?sent');
	})
} satisfies Actions;
