import { redirect } from '@sveltejs/kit';
import { endOwnSignIn, endOwnSignIns, listOwnSignIns } from '#lib/server/auth/own-sign-ins.ts';
import { forgetSession } from '#lib/server/http/end-session.ts';
import { requireViewer } from '#lib/server/http/guards.ts';
import { actOnAccount, textOf } from '#lib/server/http/own-settings-action.ts';
import { page } from '#lib/server/http/respond.ts';
import type { Actions, PageServerLoadEvent } from './$types.js';

const HERE = '/settings/sign-ins';

/** Where the viewer is signed in. */
export const load = page(async (event: PageServerLoadEvent) => {
	const viewer = requireViewer(event);
	const { ctx, session } = event.locals;
	return { signIns: await listOwnSignIns(ctx, viewer, session?.idHash) };
});

export const actions = {
	one: (event) =>
		actOnAccount(event, requireViewer(event), async (form, viewer) => {
			await endOwnSignIn(event.locals.ctx, viewer, textOf(form, 'id'));
			redirect(303, HERE);
		}),
	others: (event) =>
		actOnAccount(event, requireViewer(event), async (_form, viewer) => {
			const except = event.locals.session?.idHash;
			await endOwnSignIns(event.locals.ctx, viewer, { except });
			redirect(303, HERE);
		}),
	all: (event) =>
		actOnAccount(event, requireViewer(event), async (_form, viewer) => {
			await endOwnSignIns(event.locals.ctx, viewer);
			forgetSession(event);
			redirect(303, '/');
		})
} satisfies Actions;
