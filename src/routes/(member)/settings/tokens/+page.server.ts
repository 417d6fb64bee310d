import { redirect } from '@sveltejs/kit';
import {
	createDeveloperToken,
	listDeveloperTokens,
	revokeDeveloperToken
} from '#lib/server/auth/developer-tokens.ts';
import { requireViewer } from '#lib/server/http/guards.ts';
import { actOnAccount, textOf } from '#lib/server/http/own-settings-action.ts';
import { page } from '#lib/server/http/respond.ts';
import type { Actions, PageServerLoadEvent } from './$types.js';

/** The viewer's tokens for programs. */
export const load = page(async (event: PageServerLoadEvent) => {
	// one that was just made is on it
	event.setHeaders({ 'cache-control': 'private, no-store' });
	return { tokens: await listDeveloperTokens(event.locals.ctx, requireViewer(event)) };
});

export const actions = {
	make: (event) =>
		actOnAccount(event, requireViewer(event), async (form, viewer) => {
			const wish = {
				name: textOf(form, 'name'),
				scope: textOf(form, 'scope'),
				days: Number(textOf(form, 'days'))
			};
			return { token: await createDeveloperToken(event.locals.ctx, viewer, wish) };
		}),
	revoke: (event) =>
		actOnAccount(event, requireViewer(event), async (form, viewer) => {
			await revokeDeveloperToken(event.locals.ctx, viewer, textOf(form, 'id'));
			redirect(303, '/settings/tokens');
		})
} satisfies Actions;
