import { redirect } from '@sveltejs/kit';
import { day } from '#lib/format.ts';
import {
	cancelAccountDeletion,
	getAccountDeletion,
	requestAccountDeletion,
	requireConfirmation
} from '#lib/server/accounts/delete-account.ts';
import { forgetSession } from '#lib/server/http/end-session.ts';
import { requireViewer } from '#lib/server/http/guards.ts';
import { sayNext } from '#lib/server/http/notice-cookie.ts';
import { actOnAccount, textOf } from '#lib/server/http/own-settings-action.ts';
import { page } from '#lib/server/http/respond.ts';
import type { Actions, PageServerLoadEvent } from './$types.js';

/** Whether and when the viewer's account is to be deleted. */
export const load = page(async (event: PageServerLoadEvent) => {
	const viewer = requireViewer(event);
	return { handle: viewer.handle, deletion: await getAccountDeletion(event.locals.ctx, viewer) };
});

export const actions = {
	delete: (event) =>
		actOnAccount(event, requireViewer(event), async (form, viewer) => {
			requireConfirmation(viewer, textOf(form, 'confirmation'));
			const withRecords = textOf(form, 'records') === 'delete';
			const dueAt = await requestAccountDeletion(event.locals.ctx, viewer, { withRecords });
			forgetSession(event);
			const until = day(dueAt.toISOString());
			sayNext(event, `your account is hidden, and is deleted on ${until}. sign in to keep it`);
			redirect(303, '/');
		}),
	keep: (event) =>
		actOnAccount(event, requireViewer(event), async (_form, viewer) => {
			await cancelAccountDeletion(event.locals.ctx, viewer);
			sayNext(event, 'your account stays, and everything is shown again');
			redirect(303, '/settings');
		})
} satisfies Actions;
