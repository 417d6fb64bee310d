import { redirect, type RequestEvent } from '@sveltejs/kit';
import type { Viewer } from '#lib/auth/viewer.ts';
import { day } from '#lib/format.ts';
import {
	cancelAccountDeletion,
	requestAccountDeletion,
	requireConfirmation
} from '#lib/server/accounts/delete-account.ts';
import { createDeveloperToken, revokeDeveloperToken } from '#lib/server/auth/developer-tokens.ts';
import { endOwnSignIn, endOwnSignIns } from '#lib/server/auth/own-sign-ins.ts';
import { forgetSession } from './end-session.ts';
import { sayNext } from './notice-cookie.ts';
import { actOnAccount, textOf } from './own-settings-action.ts';

const toSignIns = () => redirect(303, '/settings/sign-ins');

/** Ends one sign-in of theirs. */
export const endOne = (event: RequestEvent, viewer: Viewer) =>
	actOnAccount(event, async (form) => {
		await endOwnSignIn(event.locals.ctx, viewer, textOf(form, 'id'));
		toSignIns();
	});

/** Ends all but the one that asks. */
export const endOthers = (event: RequestEvent, viewer: Viewer) =>
	actOnAccount(event, async () => {
		await endOwnSignIns(event.locals.ctx, viewer, { except: event.locals.session?.idHash });
		toSignIns();
	});

/** Ends all, and this one. */
export const endAll = (event: RequestEvent, viewer: Viewer) =>
	actOnAccount(event, async () => {
		await endOwnSignIns(event.locals.ctx, viewer);
		forgetSession(event);
		redirect(303, '/');
	});

/** Makes a token, which is on the page that answers and nowhere else. */
export const makeToken = (event: RequestEvent, viewer: Viewer) =>
	actOnAccount(event, async (form) => {
		const wish = {
			name: textOf(form, 'name'),
			scope: textOf(form, 'scope'),
			days: Number(textOf(form, 'days'))
		};
		return { token: await createDeveloperToken(event.locals.ctx, viewer, wish) };
	});

/** Makes one worth nothing. */
export const revokeToken = (event: RequestEvent, viewer: Viewer) =>
	actOnAccount(event, async (form) => {
		await revokeDeveloperToken(event.locals.ctx, viewer, textOf(form, 'id'));
		redirect(303, '/settings/tokens');
	});

/** Hides the account, to be deleted when its week is over. */
export const askForDeletion = (event: RequestEvent, viewer: Viewer) =>
	actOnAccount(event, async (form) => {
		requireConfirmation(viewer, textOf(form, 'confirmation'));
		const withRecords = textOf(form, 'records') === 'delete';
		const dueAt = await requestAccountDeletion(event.locals.ctx, viewer, { withRecords });
		forgetSession(event);
		const until = day(dueAt.toISOString());
		sayNext(event, `your account is hidden, and is deleted on ${until}. sign in to keep it`);
		redirect(303, '/');
	});

/** The other way. */
export const keepAccount = (event: RequestEvent, viewer: Viewer) =>
	actOnAccount(event, async () => {
		await cancelAccountDeletion(event.locals.ctx, viewer);
		sayNext(event, 'your account stays, and everything is shown again');
		redirect(303, '/settings');
	});
